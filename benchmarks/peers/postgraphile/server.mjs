// PostGraphile 5 as its documentation advises for production: Amber preset, GRAPHILE_ENV=production, no IDE, no
// subscriptions, no explain. One process on one port; BENCH_CONNECTIONS connections to the database of BENCH_DATABASE.
import { createServer } from "node:http";
import { grafserv } from "postgraphile/grafserv/node";
import { postgraphile } from "postgraphile";
import { PostGraphileAmberPreset } from "postgraphile/presets/amber";
import { makePgService } from "postgraphile/adaptors/pg";
import { PostGraphileConnectionFilterPreset } from "postgraphile-plugin-connection-filter";

const connections = Number(process.env.BENCH_CONNECTIONS);

const preset = {
  extends: [PostGraphileAmberPreset, PostGraphileConnectionFilterPreset],
  pgServices: [
    makePgService({
      connectionString: process.env.BENCH_DATABASE,
      schemas: ["released"],
      poolConfig: { min: connections, max: connections },
      pubsub: false,
    }),
  ],
  grafserv: { graphiql: false, graphiqlOnGraphQLGET: false, websockets: false, watch: false, graphqlPath: "/graphql" },
  grafast: { explain: false },
  disablePlugins: ["PgMutationCreatePlugin", "PgMutationUpdateDeletePlugin"],
};

const server = createServer();
const instance = postgraphile(preset);
await instance.createServ(grafserv).addTo(server);
await instance.getSchema();
server.listen(Number(process.argv[2]), "127.0.0.1");
process.once("SIGTERM", () => process.exit(0));
