// Sends files with fal's own JavaScript client, makes videos of them, and prints what happened as JSON.
//
//     node uploads.mjs middleware | proxy URL PICTURE [large]
//
// A Blob anywhere in an input is uploaded by the client itself. `proxy` is the client's `proxyUrl`: every call that it makes goes
// to one address, and says in a header where it was meant to go; the bytes of a file go to the address that it was given for them.
import { readFile } from "node:fs/promises";
import { createFalClient } from "@fal-ai/client";

const [means, gateway, path, size] = process.argv.slice(2);
const clip = "demo/image-to-video";
const small = { prompt: "the camera rises", duration: "1", resolution: "480p" };

const places = [
  [/^https:\/\/queue\.fal\.run/, gateway],
  [/^https:\/\/fal\.run/, `${gateway}/run`],
  [/^https:\/\/rest\.fal\.ai/, gateway],
];
const here = (address) => places.reduce((sofar, [fal, place]) => sofar.replace(fal, place), address);
const ways = {
  middleware: { requestMiddleware: async (request) => ({ ...request, url: here(request.url) }) },
  proxy: { proxyUrl: { url: `${gateway}/fal/proxy`, when: "always" } },
};

const sent = [];
const watched = (address, options) => {
  sent.push(`${options.method} ${String(address).replace(gateway, "").replace(/[0-9a-f-]{32,}/g, "*").replace(/\?.*/, "")}`);
  return fetch(address, options);
};
const fal = createFalClient({ credentials: process.env.FAL_KEY, fetch: watched, ...ways[means] });
const told = {};

const picture = await readFile(path);
const blob = new Blob([picture], { type: "image/png" });
told.file = await fal.storage.upload(new File([picture], "scène 雪.png", { type: "image/png" }), { lifecycle: { expiresIn: "1h" } });
told.nameless = await fal.storage.upload(blob);

const handle = await fal.queue.submit(clip, { input: { ...small, image_url: blob } });
told.frames = [];
for await (const frame of await fal.queue.streamStatus(clip, { requestId: handle.request_id, logs: true })) {
  told.frames.push(frame.status);
}
told.status = await fal.queue.status(clip, { requestId: handle.request_id, logs: true });
told.result = await fal.queue.result(clip, { requestId: handle.request_id });
told.subscribed = await fal.subscribe(clip, { input: { ...small, image_url: told.file }, mode: "polling", pollInterval: 100 });
told.run = await fal.run(clip, { input: { ...small, image_url: blob } });

const hanging = await fal.queue.submit("demo/text-to-video", { input: { prompt: "[[hang]]" } });
await fal.queue.cancel("demo/text-to-video", { requestId: hanging.request_id });
told.ended = await fal.queue.subscribeToStatus("demo/text-to-video", { requestId: hanging.request_id, pollInterval: 100 });

if (size === "large") {
  told.large = await fal.storage.upload(new Blob([new Uint8Array(91 * 1024 * 1024)], { type: "video/mp4" }));
}
told.sent = sent;
console.log(JSON.stringify(told));
