// Stands in for an application of the platform: it ends with a line that says so if a variable of its environment is
// missing, connects to each store whose address it was given, and only then answers requests.
//
//   node application.mjs                    serves, or works its queues off
//   node application.mjs run migrate        makes a table in each schema that it owns, and ends
//
// What it is told of the service is in facts.json of its working directory: the names of its variables, its schemas and
// its queues.
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { createRequire } from "node:module";

const facts = JSON.parse(readFileSync("facts.json", "utf8"));

function end(message) {
  process.stderr.write(`${message}\n`);
  process.exit(1);
}

const missing = facts.variables.filter((name) => process.env[name] === undefined);
if (missing.length > 0) end(`not in the environment: ${missing.join(", ")}`);

// RedisInsight's variables have its own prefix.
const variable = (name) => process.env[name] ?? process.env[`RI_${name}`];

async function database() {
  const mysql = createRequire(import.meta.url)("mysql2/promise");
  return mysql.createConnection({
    host: variable("DB_HOST"),
    user: variable("DB_USER"),
    password: variable("DB_PASSWORD"),
    // With Node's authorities, and so with NODE_EXTRA_CA_CERTS.
    ssl: variable("DB_SSL") === "true" ? {} : undefined,
  });
}

async function migrate(database) {
  for (const schema of facts.owns) {
    await database.query(`CREATE TABLE IF NOT EXISTS ${schema}.migrations (name VARCHAR(100) PRIMARY KEY)`);
    await database.query(`INSERT IGNORE INTO ${schema}.migrations VALUES ('first')`);
  }
}

// Fails where a schema's owner has not migrated yet.
async function find_tables(database) {
  for (const schema of facts.uses) await database.query(`SELECT name FROM ${schema}.migrations`);
}

async function clickhouse(query) {
  const answer = await fetch(`http://${variable("CLICKHOUSE_HOST")}:${variable("CLICKHOUSE_PORT")}/`, {
    method: "POST",
    headers: {
      "X-ClickHouse-User": variable("CLICKHOUSE_USER"),
      "X-ClickHouse-Key": variable("CLICKHOUSE_PASSWORD"),
    },
    body: query,
  });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`ClickHouse: ${text.trim()}`);
  return text;
}

async function queues() {
  const require = createRequire(facts.bullmq);
  const { Queue, Worker } = require("bullmq");
  const { Redis } = require("ioredis");
  const connection = {
    host: variable("REDIS_HOST"),
    port: Number(variable("REDIS_PORT")),
    password: variable("REDIS_PASSWORD"),
    tls: [variable("REDIS_TLS"), variable("REDIS_USE_TLS")].includes("true") ? {} : undefined,
  };
  await new Promise((resolve, reject) => {
    const probe = new Redis({ ...connection, retryStrategy: null });
    probe.once("error", reject);
    probe.once("ready", () => resolve(probe.disconnect()));
  });
  const opened = Object.fromEntries(facts.produces.map((name) => [name, new Queue(name, { connection })]));
  const workers = facts.consumes.map((name) => new Worker(name, work, { connection }));
  // Lost connections are reported here; clients go on trying by themselves.
  for (const client of [...Object.values(opened), ...workers]) client.on("error", () => {});
  await Promise.all(workers.map((worker) => worker.waitUntilReady()));
  return { opened, workers };
}

async function work(job) {
  if (job.queueName !== "store-events") return;
  const literal = (text) => `'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;
  await clickhouse(`INSERT INTO ${facts.events} VALUES (${literal(job.data.event)})`);
}

async function main() {
  const held = { database: variable("DB_HOST") && (await database()) };
  if (process.argv.slice(2).join(" ") === "run migrate") {
    await migrate(held.database);
    return held.database.end();
  }
  if (held.database) await find_tables(held.database);
  if (variable("CLICKHOUSE_HOST") && facts.clickhouse) await clickhouse("SELECT 1");
  if (variable("REDIS_HOST")) Object.assign(held, await queues());
  serve(held);
}

function serve(held) {
  const merchants = new Set();
  const asked = [];
  const answers = {
    "GET /internal/tls/ask": (url) => {
      const name = url.searchParams.get("domain");
      asked.push(name);
      return merchants.has(name) ? [200, name] : [404, "no merchant's"];
    },
    "GET /asked": () => [200, JSON.stringify(asked)],
    "POST /merchants": (_, body) => [200, String(merchants.add(body).size)],
    "POST /events": async (_, body) => [200, (await held.opened["store-events"].add("event", { event: body })).id],
    "GET /events": async () => [200, await clickhouse(`SELECT count() FROM ${facts.events}`)],
  };
  const server = createServer(async (request, response) => {
    let body = "";
    for await (const chunk of request) body += chunk;
    const url = new URL(request.url, "http://localhost");
    try {
      const answer = answers[`${request.method} ${url.pathname}`] ?? (() => [200, facts.service]);
      const [status, text] = await answer(url, body);
      response.writeHead(status, { "X-Forwarded-Host": request.headers["x-forwarded-host"] ?? "" }).end(text);
    } catch (error) {
      response.writeHead(500).end(error.message);
    }
  });
  const finish = async () => {
    await Promise.all((held.workers ?? []).map((worker) => worker.close()));
    process.exit(0);
  };
  process.on("SIGTERM", finish);
  const port = process.env.PORT ?? facts.port;
  if (port) server.listen(Number(port), process.env.HOST ?? "0.0.0.0");
  process.stdout.write(`${facts.service} is ready\n`);
}

main().catch((error) => end(`${error.message || error.code || error.errors?.[0]?.message}`));
