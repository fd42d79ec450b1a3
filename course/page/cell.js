// Cell: parts of the page under a cell of a notebook. What they need the kernel is asked for, so no notebook holds it.

const WAITING =
  "Waiting for the kernel, which sends the model when it is free. If it was restarted, run this cell again.";
const heard = new WeakMap(); // a widget's model -> what its kernel sent; a second view asks no more

function sent(model) {
  if (!heard.has(model)) {
    const answer = new Promise((resolve) => {
      const hear = (content) => {
        model.off("msg:custom", hear);
        resolve(content);
      };
      model.on("msg:custom", hear);
    });
    heard.set(model, answer);
    model.send({ ask: "parts" });
  }
  return heard.get(model);
}

async function opened(script) {
  const address = URL.createObjectURL(
    new Blob([script, 'export const { show } = modules["shown.js"];'], { type: "text/javascript" }),
  );
  try {
    return await import(address);
  } finally {
    URL.revokeObjectURL(address);
  }
}

// What is pressed here is meant for what is here: else an arrow key would leave the cell, and the notebook, which hears
// of every key, take the focus. Both front ends look for the mark at what has the focus, not only around it.
function keepKeys(el) {
  el.addEventListener("focusin", ({ target }) => (target.dataset.lmSuppressShortcuts = "true"));
  el.addEventListener("keydown", (event) => event.stopPropagation());
}

// JupyterLab and Notebook 7 say on the body which theme they have; where nobody says, the system's stays.
function followTheme(root) {
  const follow = () => {
    const light = document.body.dataset.jpThemeLight;
    root.dataset.theme = { true: "light", false: "dark" }[light] ?? "system";
  };
  const watcher = new MutationObserver(follow);
  watcher.observe(document.body, { attributes: true, attributeFilter: ["data-jp-theme-light"] });
  follow();
  return watcher;
}

export default {
  async render({ model, el }) {
    el.textContent = WAITING;
    keepKeys(el);
    const { script, css, data, options } = await sent(model);
    const style = document.createElement("style");
    style.textContent = css;
    el.replaceChildren(style);
    try {
      const { show } = await opened(script);
      const shown = show(el, data, options);
      const watcher = followTheme(el.querySelector(".look-inside"));
      return () => {
        watcher.disconnect();
        shown.remove();
      };
    } catch (error) {
      el.textContent = error.message;
      throw error;
    }
  },
};
