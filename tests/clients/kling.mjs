// Makes videos in Kling's own protocol by the kling-api package, and prints what happened as JSON.
//
//     node kling.mjs URL PICTURE OTHER-PICTURE
//
// ACCESS_KEY and SECRET_KEY are in the environment; the package signs a token with them. It takes https only.
import { KlingAPI } from "kling-api";

const [gateway, picture, other] = process.argv.slice(2);
const { ACCESS_KEY, SECRET_KEY } = process.env;
const kling = new KlingAPI({ accessKey: ACCESS_KEY, secretKey: SECRET_KEY, baseUrl: gateway });
const patience = { interval: 200, timeout: 60000, showSpinner: false };
const small = { model_name: "kling-v1", mode: "std", duration: "5" };
const told = {};

async function refusal(act) {
  try {
    return { is: "none", result: await act() };
  } catch (error) {
    return { is: error.name, code: error.code, status: error.httpStatus, requestId: error.requestId, message: error.message };
  }
}

const ends = {
  text: (id) => kling.waitForVideoResult(id, undefined, patience),
  picture: (id) => kling.waitForVideoResult(id, (each) => kling.queryImageToVideoTask(each), patience),
  pictures: (id) => kling.waitForVideoResult(id, (each) => kling.queryMultiImageToVideoTask(each), patience),
  extended: (id) => kling.waitForVideoResult(id, (each) => kling.queryExtendVideoTask(each), patience),
};

told.created = await kling.textToVideo({ ...small, prompt: "waves below a lighthouse", external_task_id: "lighthouse-1" });
told.ofPicture = await kling.imageToVideo({ ...small, image: picture, prompt: "it rises" });
told.asked = await kling.queryTextToVideoTask(told.created.data.task_id);
told.askedByOwnId = await kling.queryTextToVideoTask("lighthouse-1");
[told.text, told.picture] = await Promise.all([ends.text(told.created.data.task_id), ends.picture(told.ofPicture.data.task_id)]);

const [video] = told.text.data.task_result.videos;
const extending = await kling.extendVideo({ video_id: video.id, prompt: "a ship comes into view" });
told.extended = await ends.extended(extending.data.task_id);

const several = await kling.multiImageToVideo({ image_list: [{ image: picture }, { image: other }], prompt: "[[refuse]]", mode: "std" });
told.several = several;
told.refused = await refusal(() => ends.pictures(several.data.task_id));
const failing = await kling.textToVideo({ ...small, prompt: "[[fail]]" });
told.failed = await refusal(() => ends.text(failing.data.task_id));

told.twice = await refusal(() => kling.textToVideo({ ...small, prompt: "[[fail]]", external_task_id: "lighthouse-1" }));
told.unknown = await refusal(() => kling.queryTextToVideoTask("0000000000000000000000000000"));
told.otherKind = await refusal(() => kling.queryImageToVideoTask(told.created.data.task_id));
told.tooMuch = await refusal(() => kling.textToVideo({ ...small, model_name: "kling-v2-6", sound: "on", prompt: "x" }));
told.nobodyServes = await refusal(() => kling.createAvatar({ image: picture, audio_id: "a-voice" }));
told.noModel = await refusal(() => kling.httpClient.request("POST", "/v1/videos/text2video", { model_name: "kling-v99", prompt: "x" }));
told.notServed = await refusal(() => kling.httpClient.request("GET", "/v1/videos/image-recognize/x"));
told.forged = await refusal(() =>
  new KlingAPI({ accessKey: ACCESS_KEY, secretKey: `${SECRET_KEY}x`, baseUrl: gateway }).queryTextToVideoTask("x"),
);
told.stranger = await refusal(() => new KlingAPI({ accessKey: "nobody", secretKey: SECRET_KEY, baseUrl: gateway }).queryTextToVideoTask("x"));

console.log(JSON.stringify(told));
