// Page: index.md, open as it is to be read, shows itself anew when the server has written it anew: after each saving of
// a notebook, and when somebody comes back to it. JupyterLab loads this file as it stands, without a build.
(() => {
  const PAGE = 'index.md';

  const activate = app => {
    // Notebook 7 shows nothing at all where a page is to be read and not edited, so there one reads its text.
    if (app.name !== 'JupyterLab' && /\/edit\/.*\.md$/.test(location.pathname) && !location.search)
      location.search = '?factory=Editor';
    const open = new Set();

    // Only where the file has changed: to draw it again is to begin at its top.
    const renew = async context => {
      if (!context.isReady || context.isDisposed || context.model.dirty) return;
      const there = await app.serviceManager.contents.get(context.path, { content: false });
      if (there.last_modified !== context.contentsModel?.last_modified) await context.revert();
    };
    const renewAll = () => open.forEach(context => renew(context).catch(() => {}));  // what is gone stays as it was

    const keepNew = (widget, context) => {
      if (context.localPath !== PAGE) return;
      open.add(context);
      widget.disposed.connect(() => open.delete(context));
    };
    const tell = (panel, context) => {
      context.saveState.connect((sender, state) => state === 'completed' && renewAll());
    };
    app.docRegistry.addWidgetExtension('Markdown Preview', { createNew: keepNew });
    app.docRegistry.addWidgetExtension('Notebook', { createNew: tell });
    app.shell.currentChanged?.connect(renewAll);
    window.addEventListener('focus', renewAll);
  };

  const plugin = { id: 'course-page:renew', autoStart: true, activate };
  window._JUPYTERLAB ??= {};
  window._JUPYTERLAB['course-page'] = {
    init: () => {},
    get: async () => () => ({ __esModule: true, default: plugin }),
  };
})();
