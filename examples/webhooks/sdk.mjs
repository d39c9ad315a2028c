// A receiver of webhooks with the npm package @lntpay/sdk.
//   LNTPAY_API_KEY=lnt_test_… LNTPAY_WEBHOOK_SECRET=whsec_… node sdk.mjs
import { createServer } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { LNTPay } from '@lntpay/sdk';

const lntpay = new LNTPay();
const handled = new Set();  // ids of events; use your database instead

const server = createServer(async (request, response) => {
  const event = await lntpay.webhooks.verify(request.headers, await buffer(request)).catch(({ message }) => void console.error(message));
  response.writeHead(event ? 200 : 400).end();
  if (!event || event.sample || handled.has(event.id)) return;
  handled.add(event.id);
  console.log(event.type, event.data.id);
});
server.listen(process.env.PORT ?? 3000, '127.0.0.1', () => console.log('ready'));
