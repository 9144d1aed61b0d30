// A caller that has fetch and nothing else: posts what its first argument says and prints what comes back.
const told = JSON.parse(process.argv[2]);

const headers = new Headers();
for (const [name, value] of Object.entries(told.headers)) {
  headers.append(name, value);
}

await fetch(`https://${told.host}${told.path}`, {
  method: "POST",
  headers,
  body: JSON.stringify(told.body),
  redirect: "follow",
})
  .then((response) => response.text())
  .then((result) => console.log(result));
