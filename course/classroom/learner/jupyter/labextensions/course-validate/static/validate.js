// Validate: a button above a notebook. While it works it says how far it is, and stops when it is pressed again; then
// a dialog says what became of each exercise. JupyterLab and Notebook 7 load this file as it stands, without a build:
// they ask window._JUPYTERLAB for it, and lend it their own modules.
(() => {
  let lent;
  const take = async name => {
    const versions = Object.values(lent[name]);
    return (await (versions.find(one => one.loaded) ?? versions[0]).get())();
  };

  const element = (tag, text = '', style = '') => {
    const made = document.createElement(tag);
    made.textContent = text;
    made.style.cssText = style;
    return made;
  };

  const STATES = {
    right: ['right', 'var(--jp-success-color0)'],
    wrong: ['not right yet', 'var(--jp-error-color1)'],
    blank: ['not written yet', 'var(--jp-ui-font-color2)'],
  };

  // The exercises in a table, their names as links: goTo(mark) is called by a click.
  const table = (found, goTo) => {
    const body = element('div');
    body.className = 'course-validated';
    const rows = element('table', '', 'border-spacing: 12px 6px; margin: 0 -12px; text-align: left;');
    for (const mark of found.marks) {
      const row = element('tr', '', 'vertical-align: top;');
      const name = element('a', mark.name, 'font-family: var(--jp-code-font-family); color: var(--jp-content-link-color)');
      name.href = '#';
      name.onclick = event => { event.preventDefault(); goTo(mark); };
      const [words, colour] = STATES[mark.state];
      row.append(
        element('td'),
        element('td', `${mark.points} of ${mark.most}`, 'white-space: nowrap;'),
        element('td', words, `color: ${colour}; font-weight: bold; white-space: nowrap;`),
      );
      row.firstChild.append(name);
      rows.append(row);
      if (mark.state === 'wrong') {
        const why = element('tr');
        why.append(element('td', mark.text, 'white-space: pre-wrap; padding: 0 0 8px 12px;'));
        why.firstChild.colSpan = 3;
        rows.append(why);
      }
    }
    body.append(rows, ...found.notes.map(note => element('p', note)));
    return body;
  };

  const activate = async app => {
    const { Dialog } = await take('@jupyterlab/apputils');
    const { ServerConnection } = await take('@jupyterlab/services');
    const { Widget } = await take('@lumino/widgets');

    const ask = async (method, path) => {
      const settings = app.serviceManager.serverSettings;
      const address = `${settings.baseUrl}assignments/validate?path=${encodeURIComponent(path)}`;
      const answer = await ServerConnection.makeRequest(address, { method }, settings);
      if (!answer.ok) throw new Error(`${answer.status} ${answer.statusText}`);
      return answer.json();
    };

    const show = (panel, found) => {
      const node = found.problem ? element('p', found.problem) : table(found, mark => {
        dialog.reject();
        const ids = panel.content.widgets.map(cell => cell.model.id);
        const answer = ids.indexOf(mark.check.replace(/^check-/, ''));
        panel.content.activeCellIndex = answer < 0 ? ids.indexOf(mark.check) : answer;
        panel.content.scrollToItem(panel.content.activeCellIndex, 'start');
      });
      const title = `Validate: ${found.title ?? 'no result'}`;
      const dialog = new Dialog({ title, body: new Widget({ node }), buttons: [Dialog.okButton()] });
      return dialog.launch();
    };

    const saved = async context => {
      let state = '';
      const listen = (sender, now) => { state = now; };
      context.saveState.connect(listen);
      await context.save().catch(() => { state = 'failed'; });
      context.saveState.disconnect(listen);
      return state !== 'failed';
    };

    // Have the notebook, saved, validated; meanwhile say(how far it is).
    const validate = async (panel, path, say) => {
      if (panel.context.model.dirty && !(await saved(panel.context))) {
        return { problem: 'The notebook could not be saved, so it was not validated.' };
      }
      const done = ask('POST', path);
      const watch = setInterval(() => ask('GET', path).then(({ said }) => said && say(said), () => {}), 1000);
      try {
        return await done;
      } catch (error) {
        return { problem: `The server gave no answer (${error.message}): does it still run in its terminal?` };
      } finally {
        clearInterval(watch);
      }
    };

    const createNew = panel => {
      const button = document.createElement('jp-button');
      const label = element('span', 'Validate');
      let running = '';
      const say = (text, hint) => { label.textContent = text; button.title = hint; };
      const rest = () => { running = ''; say('Validate', 'Run your exercises as a grade would: which are right?'); };
      rest();
      label.className = 'jp-ToolbarButtonComponent-label';
      button.className = 'jp-ToolbarButtonComponent';
      button.setAttribute('appearance', 'stealth');
      button.append(label);
      button.onclick = async () => {
        if (running) {
          await ask('DELETE', running);
          return;
        }
        running = panel.context.path;
        say('Stop validating', 'Stop it');
        const found = await validate(panel, running, said => running && say(`Stop validating: ${said}`, 'Stop it'));
        rest();
        await show(panel, found);
      };
      const widget = new Widget();
      widget.addClass('jp-ToolbarButton');
      widget.addClass('jp-Toolbar-item');
      widget.node.append(button);
      const names = [...panel.toolbar.names()];
      const spacer = names.indexOf('spacer');
      panel.toolbar.insertItem(spacer < 0 ? names.length : spacer, 'validate', widget);
      return widget;
    };
    app.docRegistry.addWidgetExtension('Notebook', { createNew });
  };

  const plugin = { id: 'course-validate:button', autoStart: true, activate };
  window._JUPYTERLAB ??= {};
  window._JUPYTERLAB['course-validate'] = {
    init: scope => { lent = scope; },
    get: async () => () => ({ __esModule: true, default: plugin }),
  };
})();
