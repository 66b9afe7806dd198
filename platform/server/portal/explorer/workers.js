// The editor's workers are files of our own beside this one: nothing is loaded from elsewhere, and nothing from blobs.
const FILES = { json: 'json.worker.js', graphql: 'graphql.worker.js' };

globalThis.MonacoEnvironment = {
  getWorker(_id, label) {
    return new Worker(new URL(FILES[label] ?? 'editor.worker.js', import.meta.url), { type: 'module' });
  },
};
