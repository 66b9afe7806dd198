// Where our schema does not do what relay-edge-types asks beyond Relay's connection specification: each place, and why.
// Everything else that the rule reports counts, in these types too.
import { getNamedType, isObjectType } from 'graphql';

const LIST = 'A list type should only wrap an edge type.';
const NODE = "Edge type's field `node` must implement `Node` interface.";

export const exceptions = [
  {
    why: '`nodes` is the short cut past the edges of the same connection.',
    message: LIST,
    holds: (schema, type, field) => field === 'nodes' && nodeOf(schema, type) === itemOf(schema, type, field),
  },
  {
    why: 'Groups of an aggregate are sums, made anew for each question: they have no place to go on from, so no cursor.',
    message: LIST,
    holds: (_, type, field) => type.endsWith('Aggregate') && field === 'groups',
  },
  {
    why: 'Names of fields, not records.',
    message: LIST,
    holds: (_, type, field) => (type.endsWith('Change') && field === 'changedFields') || isOne(type, field, NAMES),
  },
  {
    why: 'What the platform says of itself is held in memory, bounded and told whole: there is no page of it.',
    message: LIST,
    holds: (_, type, field) =>
      isOne(type, field, [
        'Query.agencies',
        'Query.datasets',
        'AgencyInfo.datasets',
        'DatasetInfo.fields',
        'DatasetInfo.links',
        'DatasetInfo.orderings',
        'DatasetInfo.releases',
        'DatasetInfo.shortcuts',
        'AggregatesInfo.groupings',
        'Me.grants',
        'Me.quota',
        'Me.usage',
        'RateLimit.levels',
        'RateLimit.policies',
      ]),
  },
  {
    why: 'A record is known by the keys of its dataset. Its fields are the columns, `id` may be one of any type among them, so no field is left for a global `id: ID!`.',
    message: NODE,
    holds: (schema, type) => !hasGlobalId(schema.getType(type).getFields().node.type),
  },
];

const NAMES = ['FieldInfo.filters', 'OrderingInfo.fields', 'DatasetInfo.search', 'AggregatesInfo.measures', 'OwnGrant.fields'];

const isOne = (type, field, places) => places.includes(`${type}.${field}`);

const itemOf = (schema, type, field) => getNamedType(schema.getType(type).getFields()[field].type);

function nodeOf(schema, type) {
  const edges = schema.getType(type).getFields().edges;
  const edge = edges && getNamedType(edges.type);
  return isObjectType(edge) ? getNamedType(edge.getFields().node?.type) : undefined;
}

const hasGlobalId = (node) => String(getNamedType(node).getFields().id?.type) === 'ID!';
