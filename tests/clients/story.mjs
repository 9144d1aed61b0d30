// Lives through fal's queue with fal's own JavaScript client, and prints what happened as JSON.
//
//     node story.mjs middleware | fetch | proxy URL
import { createFalClient } from "@fal-ai/client";
import { refusal, ways } from "./means.mjs";

const [means, gateway] = process.argv.slice(2);
const clip = "demo/text-to-video";
const small = { prompt: "waves below a lighthouse", duration: "1", resolution: "480p" };

const way = ways(gateway)[means];
const fal = createFalClient({ credentials: process.env.FAL_KEY, ...way });
const told = {};

async function subscribed(mode, prompt) {
  const updates = [];
  const enqueued = [];
  const result = await fal.subscribe(clip, {
    input: { ...small, prompt },
    logs: true,
    mode,
    pollInterval: 100,
    onEnqueue: (id) => enqueued.push(id),
    onQueueUpdate: (update) => updates.push({ status: update.status, logs: update.logs?.map((each) => each.message) ?? null }),
  });
  return { result, updates, enqueued };
}

const handle = await fal.queue.submit(clip, { input: small });
told.submitted = handle;
told.followed = await fal.queue.subscribeToStatus(clip, { requestId: handle.request_id, logs: true, pollInterval: 100 });
told.status = await fal.queue.status(clip, { requestId: handle.request_id, logs: true });
told.result = await fal.queue.result(clip, { requestId: handle.request_id });

told.polling = await subscribed("polling", `${small.prompt} [[slow 1]]`);
told.streaming = await subscribed("streaming", `${small.prompt} [[slow 1]]`);

told.run = await fal.run(clip, { input: small });
told.refusedRun = await refusal(() => fal.run(clip, { input: { prompt: "[[refuse]]" } }));
told.refused = await refusal(() => subscribed("polling", "[[refuse]]"));
told.refusedInStream = await refusal(() => subscribed("streaming", "[[refuse]]"));
told.failed = await refusal(() => subscribed("polling", "[[fail]]"));
told.invalid = await refusal(() => fal.queue.submit(clip, { input: { duration: "99" } }));
told.nothing = await refusal(() => fal.queue.submit(clip, {}));
told.nowhere = await refusal(() => fal.queue.submit("fal-ai/nobody/knows-this", { input: small }));
told.stranger = await refusal(() =>
  createFalClient({ credentials: "rg_live_nobody", ...way }).queue.submit(clip, { input: small }),
);

const hanging = await fal.queue.submit(clip, { input: { prompt: "[[hang]]" } });
told.pending = await refusal(() => fal.queue.result(clip, { requestId: hanging.request_id }));
for await (const frame of await fal.queue.streamStatus(clip, { requestId: hanging.request_id })) {
  if (frame.status === "IN_PROGRESS") {
    break;
  }
}
await fal.queue.cancel(clip, { requestId: hanging.request_id });
told.ended = await fal.queue.subscribeToStatus(clip, { requestId: hanging.request_id, pollInterval: 100 });
told.cancelled = await refusal(() => fal.queue.result(clip, { requestId: hanging.request_id }));
told.late = await refusal(() => fal.queue.cancel(clip, { requestId: hanging.request_id }));

console.log(JSON.stringify(told));
