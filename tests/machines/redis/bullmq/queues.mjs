// The platform's queues, as a service connects to them: with the variables that the task definition hands out.
//
//   node queues.mjs produce NUMBER          adds NUMBER jobs to each queue
//   node queues.mjs work                    processes jobs until SIGTERM; a line of JSON for each end of an attempt
//   node queues.mjs count                   prints how many jobs of each queue are in which state, as JSON
//   node queues.mjs fill BYTES              adds jobs of BYTES bytes until Redis refuses one; prints how many it took
import { once } from "node:events";
import { setTimeout as pause } from "node:timers/promises";
import { Queue, Worker } from "bullmq";

const QUEUES = [
  "store-events",
  "SHOPIFY_WEBHOOK",
  "SHOPIFY_SETTINGS_PUSH",
  "SHOPIFY_SETTINGS_FETCH",
  "SHOPIFY_CATALOG_SYNC",
];

const connection = {
  host: process.env.REDIS_HOST,
  port: Number(process.env.REDIS_PORT),
  password: process.env.REDIS_PASSWORD,
  tls: process.env.REDIS_TLS === "true" ? {} : undefined,
};

const JOB = { attempts: 5, backoff: { type: "fixed", delay: 100 } };

function print(value) {
  process.stdout.write(`${JSON.stringify(value)}\n`);
}

async function withQueues(use) {
  // A command gives up where a worker waits.
  const queues = QUEUES.map((name) => new Queue(name, { connection: { ...connection, maxRetriesPerRequest: 1 } }));
  try {
    return await use(queues);
  } finally {
    await Promise.all(queues.map((queue) => queue.close()));
  }
}

async function produce(number) {
  const jobs = Array.from({ length: number }, (_, index) => ({ name: "job", data: { index }, opts: JOB }));
  await withQueues((queues) => Promise.all(queues.map((queue) => queue.addBulk(jobs))));
}

async function process_(job) {
  await pause(20);
  const fails = job.data.index % 4 === 0 && job.attemptsMade === 0;
  print({ queue: job.queueName, index: job.data.index, done: !fails });
  if (fails) throw new Error("the first attempt of every fourth job fails");
}

async function work() {
  // Short times, so that the jobs of a worker that was killed are soon taken over.
  const options = { connection, concurrency: 4, lockDuration: 1000, stalledInterval: 500 };
  const workers = QUEUES.map((name) => new Worker(name, process_, options));
  // Lost connections are reported here; the worker itself goes on trying.
  for (const worker of workers) worker.on("error", () => {});
  await once(process, "SIGTERM");
  await Promise.all(workers.map((worker) => worker.close()));
}

async function count() {
  print(
    await withQueues(async (queues) =>
      Object.fromEntries(await Promise.all(queues.map(async (queue) => [queue.name, await queue.getJobCounts()]))),
    ),
  );
}

async function fill(bytes) {
  await withQueues(async ([queue]) => {
    for (let accepted = 0; ; accepted += 1) {
      try {
        await queue.add("job", { index: 1, padding: "x".repeat(bytes) }, JOB);
      } catch (error) {
        print({ accepted, refused: error.message });
        return;
      }
      if (accepted === 10_000) throw new Error("Redis goes on accepting jobs");
    }
  });
}

const [, , command, argument] = process.argv;
await { produce, work, count, fill }[command](Number(argument));
