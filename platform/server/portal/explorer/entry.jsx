// /explore: GraphiQL against the service that the page came from.
import './workers.js';
import { DOC_EXPLORER_PLUGIN, DocExplorerStore } from '@graphiql/plugin-doc-explorer';
import { GraphiQLProvider } from '@graphiql/react';
import { GraphiQLInterface } from 'graphiql';
import { useEffect, useMemo, useRef, useState } from 'react';
import { createRoot } from 'react-dom/client';
import { Bar } from './bar.jsx';
import { ask, loadSchema, nextCursor } from './service.js';
import { WORDS } from './words.js';
import 'graphiql/style.css';
import './style.css';

// Of this tab only: gone when it is closed, never in the address, never in localStorage.
const KEY = 'explorer:key';
const LANGUAGE = 'explorer:language';

const WELCOME = '# Ctrl-Enter runs the query.\n# Ctrl-Enter پرس‌وجو را اجرا می‌کند.\n{\n  datasets {\n    id\n  }\n}\n';

function App({ newOperationPoints }) {
  const [key, setKeyState] = useState(() => sessionStorage.getItem(KEY) ?? '');
  const [lang, setLang] = useState(
    () => sessionStorage.getItem(LANGUAGE) ?? (navigator.language.startsWith('fa') ? 'fa' : 'en'),
  );
  const [schema, setSchema] = useState(null);
  const [hasFailed, setHasFailed] = useState(false);
  const [cursor, setCursor] = useState(null);
  const words = WORDS[lang];
  const latest = useRef();
  latest.current = { key, words };

  useEffect(() => {
    loadSchema().then(setSchema, () => setHasFailed(true));
  }, []);
  useEffect(() => {
    document.documentElement.lang = lang;
    document.documentElement.dir = 'ltr';
    document.title = `${words.title} · ${words.home}`;
  }, [lang, words]);

  const fetcher = useMemo(
    () => async (parameters) => {
      const { key: given, words: said } = latest.current;
      if (!given) return { errors: [{ message: said.keyFirst }] };
      const answer = await ask(given, parameters);
      setCursor(nextCursor(answer.data));
      return answer;
    },
    [],
  );
  const setKey = (value) => {
    sessionStorage.setItem(KEY, value);
    setKeyState(value);
  };
  const switchLanguage = () => {
    const other = lang === 'fa' ? 'en' : 'fa';
    sessionStorage.setItem(LANGUAGE, other);
    setLang(other);
  };

  if (!schema) return <p className="waiting">{hasFailed ? words.failed : words.loading}</p>;
  return (
    <GraphiQLProvider
      fetcher={fetcher}
      schema={schema}
      storage={sessionStorage}
      shouldPersistHeaders={false}
      defaultQuery={WELCOME}
      plugins={[DOC_EXPLORER_PLUGIN]}
      referencePlugin={DOC_EXPLORER_PLUGIN}
    >
      <DocExplorerStore>
        <Bar
          schema={schema}
          words={words}
          lang={lang}
          cursor={cursor}
          apiKey={key}
          setKey={setKey}
          switchLanguage={switchLanguage}
          newOperationPoints={newOperationPoints}
        />
        <GraphiQLInterface
          defaultEditorToolsVisibility="variables"
          isHeadersEditorEnabled={false}
          showPersistHeadersSettings={false}
        />
      </DocExplorerStore>
    </GraphiQLProvider>
  );
}

const root = document.getElementById('explorer');
createRoot(root).render(<App newOperationPoints={Number(root.dataset.newOperationPoints)} />);
