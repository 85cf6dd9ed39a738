// Passes a request to the origin under the origin's own name. One host name serves two origins: what no route of a
// Worker matches goes where the name's record points.
const TOKEN = "x-uptime-token";

export default {
  async fetch(request, environment) {
    const url = new URL(request.url);
    const asked = url.hostname;
    url.protocol = "https:";
    url.hostname = environment.ORIGIN_HOSTNAME;
    url.port = "";
    // What an uptime checker is known by ends here: it stands in no log of the origin's.
    if (url.searchParams.has(TOKEN)) url.searchParams.delete(TOKEN);
    const onward = new Request(url, request);
    onward.headers.delete(TOKEN);
    onward.headers.set("X-Forwarded-Host", asked);
    // A redirect is the client's to follow.
    return fetch(onward, { redirect: "manual" });
  },
};
