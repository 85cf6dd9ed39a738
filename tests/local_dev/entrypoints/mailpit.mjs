#!/usr/bin/env node
// In place of Mailpit: listens where it would, and says that it is alive. It takes no mail.
import { createServer } from "node:http";
import { createServer as createTcpServer } from "node:net";

if (process.argv[2] === "readyz") {
  const alive = await fetch("http://127.0.0.1:8025/readyz").then((answer) => answer.ok, () => false);
  process.exit(alive ? 0 : 1);
}
process.on("SIGTERM", () => process.exit(0));
createTcpServer((socket) => socket.end("220 a stand-in takes no mail\r\n")).listen(1025, "0.0.0.0");
createServer((_, response) => response.end("ok")).listen(8025, "0.0.0.0");
