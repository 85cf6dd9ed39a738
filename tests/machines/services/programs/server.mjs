// A practice service: see behaviour.py beside it.
import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { createServer } from "node:http";

const service = process.argv[2];
const behaviour = {};
for (const path of ["behaviour.json", `/etc/practice/${service}.json`]) {
  if (existsSync(path)) Object.assign(behaviour, JSON.parse(readFileSync(path, "utf8")));
}
if (behaviour.exit) process.exit(behaviour.exit);

const credentials = () => readFileSync(`${process.env.CREDENTIALS_DIRECTORY}/environment`, "utf8");
const ready = () => behaviour.ready !== false;
const about = () => ({ service, release: process.cwd(), pid: process.pid, ready: ready() });

const server = createServer((request, response) => {
  const answer = (status, body) => {
    response.writeHead(status, { "content-type": "application/json" });
    response.end(JSON.stringify(body));
  };
  const url = new URL(request.url, "http://localhost");
  switch (url.pathname) {
    case "/health":
      return answer(ready() ? 200 : 503, about());
    case "/headers":
      return answer(200, request.headers);
    case "/credentials": {
      const lines = credentials().split("\n").filter(Boolean);
      const sha256 = createHash("sha256").update(credentials()).digest("hex");
      return answer(200, { keys: lines.map((line) => line.split("=")[0]), sha256 });
    }
    case "/crash":
      return process.exit(3);
    case "/slow":
      return setTimeout(() => answer(200, about()), 1000 * Number(url.searchParams.get("seconds")));
    default:
      return answer(404, {});
  }
});

process.on("SIGTERM", () => {
  if (behaviour.ignore_sigterm) return;
  server.close(() => process.exit(0));
});
setTimeout(
  () => server.listen(process.env.LISTEN_FDS === "1" ? { fd: 3 } : { port: Number(process.env.PORT), host: "127.0.0.1" }),
  1000 * (behaviour.start_seconds ?? 0),
);
if (behaviour.crash_after_seconds !== undefined) {
  setTimeout(() => process.exit(3), 1000 * behaviour.crash_after_seconds);
}
