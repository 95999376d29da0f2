// A node of n8n: its code is the body of an async function, which gets `$input` and finds helpers in `this`.
const told = JSON.parse(require('fs').readFileSync(0, 'utf8'));
const AsyncFunction = (async () => {}).constructor;
const input = { first: () => ({ json: { headers: told.headers } }) };
const context = { helpers: { getBinaryDataBuffer: async () => Buffer.from(told.body) } };
new AsyncFunction('$input', 'require', told.code)
  .call(context, input, require)
  .then((items) => console.log(JSON.stringify(items)));
