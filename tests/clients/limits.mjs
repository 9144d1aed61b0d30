// Lives with fal's own JavaScript client where there is room for one running and one waiting request, and no money at all.
//
//     node limits.mjs middleware | proxy URL RECEIVER
//
// RECEIVER is an address for webhooks. The client repeats a 429 three times by itself, which takes seven seconds; then it is an error.
import { createFalClient } from "@fal-ai/client";
import { refusal, ways } from "./means.mjs";

const [means, gateway, receiver] = process.argv.slice(2);
const clip = "demo/text-to-video";
const small = { prompt: "waves below a lighthouse", duration: "1", resolution: "480p" };
const hanging = { prompt: "[[hang]]" };
const way = ways(gateway)[means];

const fal = createFalClient({ credentials: process.env.FAL_KEY, ...way });
const stranger = createFalClient({ credentials: "rg_live_nobody", ...way });
const told = {};

told.poor = await refusal(() => fal.queue.submit("fal-ai/kling-video/v1.6/standard/text-to-video", { input: { prompt: "x" } }));
told.stranger = await refusal(() => stranger.queue.submit(clip, { input: small }));

const running = await fal.queue.submit(clip, { input: hanging });
for await (const frame of await fal.queue.streamStatus(clip, { requestId: running.request_id })) {
  if (frame.status === "IN_PROGRESS") {
    break;
  }
}
const waiting = await fal.queue.submit(clip, { input: hanging });
told.waiting = await fal.queue.status(clip, { requestId: waiting.request_id, logs: true });
told.crowded = await refusal(() => fal.queue.submit(clip, { input: small }));
await fal.queue.cancel(clip, { requestId: waiting.request_id });
told.ended = await fal.queue.status(clip, { requestId: waiting.request_id });
told.takenBack = await refusal(() => fal.queue.result(clip, { requestId: waiting.request_id }));

const made = await fal.queue.submit(clip, { input: small, webhookUrl: `${receiver}/made?with=a%20space` });
await fal.queue.cancel(clip, { requestId: running.request_id });
await fal.queue.subscribeToStatus(clip, { requestId: made.request_id, pollInterval: 100 });
told.made = made.request_id;
told.video = (await fal.queue.result(clip, { requestId: made.request_id })).data;

const refused = await fal.queue.submit(clip, { input: { prompt: "[[refuse]]" }, webhookUrl: `${receiver}/refused` });
await fal.queue.subscribeToStatus(clip, { requestId: refused.request_id, pollInterval: 100 });
told.refused = refused.request_id;
told.refusal = await refusal(() => fal.queue.result(clip, { requestId: refused.request_id }));

console.log(JSON.stringify(told));
