// Theme, search, and the folded contents. Without this script a page is whole; only these three are missing.
"use strict";

const kept = {
  read() { try { return localStorage.getItem("theme"); } catch { return null; } },
  write(theme) { try { localStorage.setItem("theme", theme); } catch { /* the browser keeps nothing for files */ } },
};

function setTheme(theme) {
  if (theme) document.documentElement.dataset.theme = theme;
}

function isDark() {
  return (document.documentElement.dataset.theme ?? (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light")) === "dark";
}

function themeButton(button) {
  const show = () => button.setAttribute("aria-pressed", isDark());
  button.hidden = false;
  button.addEventListener("click", () => {
    setTheme(isDark() ? "light" : "dark");
    kept.write(document.documentElement.dataset.theme);
    show();
  });
  show();
}

// Every word must begin a word of the entry; in its title it weighs more, and more again in the title's beginning.
function find(query) {
  const words = query.toLowerCase().match(/[\p{L}\p{N}_]+/gu) ?? [];
  const starts = words.map((word) => new RegExp(`(?<![\\p{L}\\p{N}])${word}`, "iu"));
  const weigh = ([, , title, text]) => starts.every((one) => one.test(title) || one.test(text))
    ? starts.reduce((sum, one) => sum + (one.test(title) ? 10 : 0) + 1 / (1 + Math.max(0, text.search(one))), 1) : 0;
  return !words.length ? [] : SEARCHED.map((entry) => [weigh(entry), entry]).filter(([weight]) => weight)
    .sort(([one], [other]) => other - one).map(([, entry]) => ({ entry, start: starts[0] }));
}

function shown({ entry: [page, place, title, text], start }) {
  const from = Math.max(0, text.search(start) - 40);
  const at = from && text.indexOf(" ", from) + 1;
  const line = document.createElement("li");
  const link = document.createElement("a");
  link.href = page + (place && `#${place}`);
  link.textContent = title;
  line.append(link, document.createElement("br"), (at ? "... " : "") + text.slice(at, at + 160).replace(/ \S*$/, at + 160 < text.length ? " ..." : "$&"));
  return line;
}

function searchForm(form) {
  const [input, box] = [form.querySelector("input"), form.querySelector(".found")];
  const look = () => {
    const found = typeof SEARCHED === "undefined" ? [] : find(input.value);
    box.hidden = !input.value.trim();
    box.querySelector("p").textContent = found.length ? `${found.length} found` : "Nothing found";
    box.querySelector("ol").replaceChildren(...found.slice(0, 30).map(shown));
  };
  const load = () => {
    const script = document.createElement("script");
    script.src = "search_index.js";
    script.addEventListener("load", look);
    document.head.append(script);
  };
  form.hidden = false;
  input.addEventListener("focus", load, { once: true });
  input.addEventListener("input", look);
  form.addEventListener("submit", (event) => { event.preventDefault(); box.querySelector("a")?.click(); });
  form.addEventListener("keydown", (event) => { if (event.key === "Escape") { input.value = ""; look(); } });
  box.addEventListener("click", (event) => { if (event.target.closest("a")) box.hidden = true; });
  document.addEventListener("keydown", (event) => {
    if (event.key === "/" && !/INPUT|TEXTAREA/.test(event.target.tagName)) { event.preventDefault(); input.focus(); }
  });
  document.addEventListener("click", (event) => { if (!form.contains(event.target)) box.hidden = true; });
}

setTheme(kept.read());
document.addEventListener("DOMContentLoaded", () => {
  themeButton(document.querySelector("button.theme"));
  searchForm(document.querySelector("form.search"));
  const contents = document.querySelector(".contents details");
  if (contents && matchMedia("(min-width: 64rem)").matches) contents.open = true;
});
addEventListener("beforeprint", () => document.querySelectorAll("main details").forEach((fold) => { fold.open = true; }));
