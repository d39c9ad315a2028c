// An Express service whose reports are paid. What LNTPay adds is between the two markers.
//   LNTPAY_BASE_URL=…/v1 LNTPAY_API_KEY=lnt_test_… LNTPAY_GATE=gate_… node server.mjs
import express from 'express';

const { LNTPAY_BASE_URL, LNTPAY_API_KEY, LNTPAY_GATE, PORT = 3000 } = process.env;
const app = express();

// LNTPay >
const headers = { authorization: `Bearer ${LNTPAY_API_KEY}`, 'content-type': 'application/json' };
const lntpay = async (path, body) => (await fetch(`${LNTPAY_BASE_URL}/${path}`, { method: 'POST', headers, body: JSON.stringify(body) })).json();
app.use('/reports', async (request, response, next) => {
  const { method, originalUrl: path, headers: { authorization } } = request;
  const pass = await lntpay(`gates/${LNTPAY_GATE}/verify`, { method, path, authorization });
  if (!pass.allowed) return response.status(pass.status ?? 400).set('WWW-Authenticate', pass.challenge?.www_authenticate ?? []).send(pass.reason);
  const end = () => (response.statusCode < 400 ? 'commit' : 'release');
  response.on('finish', () => lntpay(`redemptions/${pass.redemption_id}/${end()}`, { reservation: pass.reservation }).catch(console.error));
  next();
});
// < LNTPay

app.get('/reports/:number', (request, response) => {
  const report = Number(request.params.number);
  if (report === 0) throw new Error('Report 0 fails, and the payer keeps the use.');
  response.json({ report });
});

app.listen(PORT, '127.0.0.1', () => console.log(`http://127.0.0.1:${PORT}/reports/7`));
