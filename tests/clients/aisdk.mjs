// Makes videos on fal's models by the AI SDK, and prints what happened as JSON.
//
//     node aisdk.mjs URL PICTURE
//
// The SDK writes fal's host into every submit. Its documented way to change that is a `fetch` of one's own. It goes after an address
// of an answer only if that leads to the host which it submitted to, or to a public one, and shows its key to the former alone: so
// the answer to a submit must speak of fal's host again. And it fetches no video from a private address: that is what `download` is for.
import { readFile } from "node:fs/promises";
import { createFal } from "@ai-sdk/fal";
import { experimental_generateVideo as generateVideo } from "ai";

const [gateway, picture] = process.argv.slice(2);
const fals = "https://queue.fal.run";
const asked = [];

async function there(address, options = {}) {
  const url = String(address);
  asked.push(`${options.method ?? "GET"} ${url.split("/requests/")[0]}`);
  const answer = await fetch(url.replace(fals, gateway), options);
  if (options.method !== "POST") {
    return answer;
  }
  const told = (await answer.text()).replaceAll(`${gateway}/`, `${fals}/`);
  return new Response(told, { status: answer.status, statusText: answer.statusText, headers: { "content-type": "application/json" } });
}

async function download({ url }) {
  const answer = await fetch(url);
  return { data: new Uint8Array(await answer.arrayBuffer()), mediaType: answer.headers.get("content-type") ?? undefined };
}

async function refusal(act) {
  try {
    return { is: "none", result: await act() };
  } catch (error) {
    return { is: error.name, message: error.message, status: error.statusCode, body: error.responseBody && JSON.parse(error.responseBody) };
  }
}

const fal = createFal({ apiKey: process.env.FAL_KEY, fetch: there });
const small = { resolution: "720p", generate_audio: false };
const video = (model, prompt, more = {}) =>
  generateVideo({
    model: fal.video(model),
    prompt,
    duration: 4,
    aspectRatio: "16:9",
    providerOptions: { fal: small },
    poll: { intervalMs: 200 },
    maxRetries: 0,
    download,
    ...more,
  });
const told = ({ video: made, providerMetadata }) => ({
  type: made.mediaType,
  base64: made.base64,
  url: providerMetadata.fal.videos[0].url,
  contentType: providerMetadata.fal.videos[0].contentType,
});

const story = { asked };
const [fromText, fromPicture] = await Promise.all([
  video("veo3.1/fast", "waves below a lighthouse"),
  video("fal-ai/veo3.1/fast/image-to-video", { text: "the camera rises", image: await readFile(picture) }),
]);
story.fromText = told(fromText);
story.fromPicture = told(fromPicture);

story.invalid = await refusal(() => video("veo3.1/fast", "x", { duration: 99 }));
story.refused = await refusal(() => video("veo3.1/fast", "[[refuse]]"));
story.failed = await refusal(() => video("veo3.1/fast", "[[fail]]"));
story.nowhere = await refusal(() => video("nobody/knows-this", "x"));
story.stranger = await refusal(() =>
  video("veo3.1/fast", "x", { model: createFal({ apiKey: "rg_live_nobody", fetch: there }).video("veo3.1/fast") }),
);

console.log(JSON.stringify(story));
