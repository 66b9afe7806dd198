// Above the editors: key, examples, price. Inside GraphiQL's provider, so that it sees and sets what is edited.
import { useGraphiQL, useGraphiQLActions } from '@graphiql/react';
import { useEffect, useState } from 'react';
import { priced, priceOf } from './price.js';
import { ask, loadExamples } from './service.js';
import { numbers } from './words.js';

const SETTLE_MS = 400;
const KINDS = ['list', 'lookUp', 'page', 'aggregate', 'near', 'changes'];

export function Bar({ schema, words, lang, cursor, apiKey, setKey, switchLanguage, newOperationPoints }) {
  return (
    <header className="bar" lang={lang} dir={lang === 'fa' ? 'rtl' : 'ltr'}>
      <h1>
        {words.title} <a href="./">{words.home}</a>
      </h1>
      <label className="key">
        {words.key}
        <input
          id="key"
          type="password"
          dir="ltr"
          autoComplete="off"
          spellCheck={false}
          placeholder={words.keyHint}
          title={words.keyWhy}
          value={apiKey}
          onChange={(event) => setKey(event.target.value.trim())}
        />
      </label>
      <Examples words={words} lang={lang} />
      <Next words={words} cursor={cursor} />
      <Price schema={schema} words={words} lang={lang} apiKey={apiKey} newOperationPoints={newOperationPoints} />
      <button type="button" className="language" lang={lang === 'fa' ? 'en' : 'fa'} onClick={switchLanguage}>
        {words.other}
      </button>
    </header>
  );
}

function useEdited() {
  return useGraphiQL((state) => ({
    documentAST: state.documentAST,
    operationName: state.operationName,
    queryEditor: state.queryEditor,
    variableEditor: state.variableEditor,
    variables: state.tabs[state.activeTabIndex]?.variables ?? '',
  }));
}

function Examples({ words, lang }) {
  const { queryEditor, variableEditor } = useEdited();
  const [datasets, setDatasets] = useState([]);
  const [dataset, setDataset] = useState('');
  const [examples, setExamples] = useState({});
  useEffect(() => {
    loadExamples().then((found) => setDatasets(found.datasets ?? []));
  }, []);
  useEffect(() => {
    let isCurrent = true;
    setExamples({});
    if (dataset) loadExamples(dataset).then((found) => isCurrent && setExamples(found));
    return () => {
      isCurrent = false;
    };
  }, [dataset]);
  const show = (example) => {
    queryEditor.setValue(example.query);
    variableEditor.setValue(example.variables ? JSON.stringify(example.variables, null, 2) : '');
  };
  const isReady = Boolean(queryEditor && variableEditor); // the editors load after the page
  return (
    <span className="examples">
      <label>
        {words.dataset}
        <select id="dataset" value={dataset} onChange={(event) => setDataset(event.target.value)}>
          <option value="">{words.choose}</option>
          {datasets.map((one) => (
            <option key={one.id} value={one.id}>
              {one.title[lang]} · {one.id}
            </option>
          ))}
        </select>
      </label>
      {KINDS.filter((kind) => examples[kind]).map((kind) => (
        <button key={kind} type="button" data-example={kind} disabled={!isReady} onClick={() => show(examples[kind])}>
          {words[kind]}
        </button>
      ))}
    </span>
  );
}

/** Puts the answer's cursor into $after and asks again. */
function Next({ words, cursor }) {
  const { documentAST, variableEditor, variables } = useEdited();
  const { run } = useGraphiQLActions();
  const takesAfter = documentAST?.definitions.some((one) =>
    one.variableDefinitions?.some((given) => given.variable.name.value === 'after'),
  );
  if (!cursor || !takesAfter) return null;
  const goOn = () => {
    variableEditor?.setValue(JSON.stringify({ ...read(variables), after: cursor }, null, 2));
    run();
  };
  return (
    <button type="button" id="next" onClick={goOn}>
      {words.next}
    </button>
  );
}

function Price({ schema, words, lang, apiKey, newOperationPoints }) {
  const { documentAST, operationName, variables } = useEdited();
  const [price, setPrice] = useState(null);
  const [problem, setProblem] = useState('');
  useEffect(() => {
    setPrice(null);
    setProblem('');
    const document = apiKey ? priced(schema, documentAST, operationName) : null;
    const given = read(variables);
    if (!document || !given) return undefined;
    const left = new AbortController();
    const timer = setTimeout(async () => {
      try {
        const answer = await ask(apiKey, { ...document, variables: given }, left.signal);
        setPrice(priceOf(answer) && { ...priceOf(answer), operation: document.operationName ?? '' });
        setProblem(priceOf(answer) ? '' : (answer.errors?.[0]?.message ?? ''));
      } catch (error) {
        if (error.name !== 'AbortError') setProblem(String(error.message));
      }
    }, SETTLE_MS);
    return () => {
      clearTimeout(timer);
      left.abort();
    };
  }, [schema, documentAST, operationName, variables, apiKey]);
  const format = numbers(lang).format;
  return (
    <output id="price" data-cost={price?.cost} data-operation={price?.operation} title={problem || words.first(format(newOperationPoints))}>
      {words.price}: <strong>{price ? format(price.cost) : words.noPrice}</strong>
      {price && (
        <>
          {' '}
          {words.points(price.cost)}
          {words.between}
          {format(price.records)} {words.records(price.records)}
          {words.between}
          {format(price.remaining)} {words.left}
        </>
      )}
      {problem && <span className="problem" dir="auto"> {problem}</span>}
    </output>
  );
}

/** The variables as an object; null for what is no JSON object yet. */
function read(text) {
  if (!text.trim()) return {};
  try {
    const found = JSON.parse(text);
    return found && typeof found === 'object' && !Array.isArray(found) ? found : null;
  } catch {
    return null;
  }
}
