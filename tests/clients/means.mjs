// The ways by which fal's JavaScript client is led to a gateway, and how its errors are written down.
import { ApiError, ValidationError } from "@fal-ai/client";

// The client writes fal's hosts into every address. These are its documented ways to change that.
export function ways(gateway) {
  const here = (address) =>
    String(address)
      .replace(/^https:\/\/queue\.fal\.run/, gateway)
      .replace(/^https:\/\/fal\.run/, `${gateway}/run`);
  return {
    middleware: { requestMiddleware: async (request) => ({ ...request, url: here(request.url) }) },
    fetch: { fetch: (address, options) => fetch(here(address), options) },
    proxy: { proxyUrl: { url: `${gateway}/fal/proxy`, when: "always" } },
  };
}

export async function refusal(act) {
  try {
    return { is: "none", result: await act() };
  } catch (error) {
    return {
      is: error.name,
      known: error instanceof ApiError,
      validation: error instanceof ValidationError,
      status: error.status,
      message: error.message,
      body: error.body,
      requestId: error.requestId,
      fields: error instanceof ValidationError ? error.fieldErrors.map((each) => each.loc) : null,
      prompt: error instanceof ValidationError ? error.getFieldErrors("prompt").length : null,
    };
  }
}
