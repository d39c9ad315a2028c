// The service of server.mjs with the npm package @lntpay/sdk.
//   LNTPAY_BASE_URL=…/v1 LNTPAY_API_KEY=lnt_test_… LNTPAY_GATE=gate_… node sdk.mjs
import express from 'express';
import { paid } from '@lntpay/sdk/express';

const { LNTPAY_GATE, PORT = 3000 } = process.env;
const app = express();

app.use('/reports', paid({ gate: LNTPAY_GATE }));

app.get('/reports/:number', (request, response) => {
  const report = Number(request.params.number);
  if (report === 0) throw new Error('Report 0 fails, and the payer keeps the use.');
  response.json({ report });
});

app.listen(PORT, '127.0.0.1', () => console.log(`http://127.0.0.1:${PORT}/reports/7`));
