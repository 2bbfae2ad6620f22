// The load of benchmarks/service.py, for k6: sends the requests of a file, one a line, as a plan says.
//
// A plan (PLAN, JSON) has `options` of k6, the file of `requests`, and `who` is measured. A scenario says in
// its variables WHO it measures, at which URL, the number of its FIRST request, and whether each answer is
// TOLD as a line "second of its beginning, 1 or 0 for answered as it should be, milliseconds".
// Knows nothing of what is asked. Answered as it should be: 200, with a body that says it is not degraded.
import { SharedArray } from 'k6/data';
import exec from 'k6/execution';
import http from 'k6/http';
import { Counter, Trend } from 'k6/metrics';

const plan = JSON.parse(open(__ENV.PLAN));
const requests = new SharedArray('requests', () => open(plan.requests).trimEnd().split('\n'));
const measured = {};
for (const who of plan.who) {
  measured[who] = {
    ok: new Trend(`${who}_ok_ms`, true),
    refused: new Trend(`${who}_refused_ms`, true),
    again: new Counter(`${who}_again`),
    degraded: new Counter(`${who}_degraded`),
    wrong: new Counter(`${who}_wrong`),
  };
}

export const options = plan.options;

export function ask() {
  const [path, key, again, body] = requests[Number(__ENV.FIRST) + exec.scenario.iterationInTest].split('\t');
  const headers = { 'Content-Type': 'application/json' };
  if (key) headers['Idempotency-Key'] = key;
  const began = Date.now();
  const answer = http.post(__ENV.URL + path, body, { headers, timeout: '10s' });
  // A request that waits for a connection waits for its answer.
  const ms = answer.timings.blocked + answer.timings.duration;
  const ok = answer.status === 200 && answer.body.includes('"degraded":false');
  const me = measured[__ENV.WHO];
  if (ok) {
    me.ok.add(ms);
    if (again === '1') me.again.add(1);
  } else if ((answer.status === 503 || answer.status === 429) && answer.headers['Retry-After']) {
    me.refused.add(ms);
  } else if (answer.status === 200 && answer.body.includes('"degraded":true')) {
    me.degraded.add(1);
  } else {
    me.wrong.add(1);
  }
  if (__ENV.TOLD === '1') console.log(`${(began - exec.scenario.startTime) / 1000} ${ok ? 1 : 0} ${ms}`);
}

export function handleSummary(data) {
  return { [plan.summary]: JSON.stringify(data.metrics) };
}
