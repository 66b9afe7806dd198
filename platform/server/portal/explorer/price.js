// What the operation in the editor would cost: rateLimit(dryRun: true) added to it, which reads nothing and is free.
import { Kind, parse, print, validate } from 'graphql';

const ALIAS = 'explorerPrice';
const FIELD = parse(`{ ${ALIAS}: rateLimit(dryRun: true) { cost records remaining } }`).definitions[0].selectionSet
  .selections[0];

/** The priced document, or null for what would be refused: a refused document costs a point, a dry run does not. */
export function priced(schema, documentAST, operationName) {
  if (!documentAST || validate(schema, documentAST).length > 0) return null;
  const operations = documentAST.definitions.filter((one) => one.kind === Kind.OPERATION_DEFINITION);
  const chosen = operations.length === 1 ? operations[0] : operations.find((one) => one.name?.value === operationName);
  if (!chosen || chosen.operation !== 'query') return null;
  const withPrice = {
    ...chosen,
    selectionSet: { ...chosen.selectionSet, selections: [FIELD, ...chosen.selectionSet.selections] },
  };
  const definitions = documentAST.definitions.map((one) => (one === chosen ? withPrice : one));
  return { query: print({ ...documentAST, definitions }), operationName: chosen.name?.value };
}

export function priceOf(answer) {
  return answer?.data?.[ALIAS] ?? null;
}
