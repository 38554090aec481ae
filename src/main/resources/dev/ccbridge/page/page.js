'use strict';

// Texts come from resources that anybody may have written: they are only ever set as text.
const byId = (id) => document.getElementById(id);
const INTERVAL_MILLIS = 1000;
const MARKS = { good: '✓', busy: '●', bad: '✗', idle: '○' };
const STEPS = { Succeeded: 'good', Running: 'busy', Failed: 'bad' };
const INSTANCES = { RUNNING: 'good', CLAIMED: 'busy', UNCLAIMED: 'busy', CRASHED: 'bad' };
let shown = null;

function element(tag, className, ...children) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  made.append(...children.filter((child) => child !== null && child !== undefined && child !== ''));
  return made;
}

function duration(millis) {
  const seconds = Math.max(0, millis / 1000);
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  if (seconds < 120) return `${Math.round(seconds)} s`;
  if (seconds < 7200) return `${Math.round(seconds / 60)} min`;
  return seconds < 172800 ? `${Math.round(seconds / 3600)} h` : `${Math.round(seconds / 86400)} d`;
}

const ago = (time) => (time ? duration(Date.now() - Date.parse(time)) : '');

function line(kind, what, where) {
  return element('li', kind, element('span', 'mark', MARKS[kind]), element('span', '', what), element('span', 'where', where));
}

function step(one) {
  const kind = STEPS[one.state] || 'idle';
  const ended = one.finished ? Date.parse(one.finished) : Date.now();
  const took = one.started && kind !== 'idle' ? duration(ended - Date.parse(one.started)) : '';
  return line(kind, one.message ? `${one.name}: ${one.message}` : one.name, took);
}

function instance(one) {
  const kind = INSTANCES[one.state] || 'idle';
  const crashes = one.crashes > 0 ? `, crashed ${one.crashes}×` : '';
  const why = one.reason ? `: ${one.reason}` : '';
  const where = [one.address, one.cell].filter(Boolean).join(' on ');
  return line(kind, `${one.index} ${(one.state || '').toLowerCase()} for ${ago(one.since)}${crashes}${why}`, where);
}

function card(resource, facts, lines) {
  const { standing, reason, message } = resource.standing;
  const title = element(
    'h3', '',
    element('span', '', `${resource.namespace}/${resource.name}`),
    facts ? element('span', 'count', facts) : '',
    element('span', 'count', reason),
    element('span', 'since', ago(resource.created)));
  const text = message && standing !== 'ready' ? element('p', 'message', message) : '';
  return element('article', standing, title, text, lines.length > 0 ? element('ul', '', ...lines) : '');
}

function fill(id, resources, cardOf) {
  const wanted = byId('find').value.trim().toLowerCase();
  const found = resources.filter((one) => `${one.namespace}/${one.name}`.toLowerCase().includes(wanted));
  byId(`${id}-count`).textContent = found.length === resources.length ? `${resources.length}` : `${found.length} of ${resources.length}`;
  const nothing = element('p', 'empty', resources.length === 0 ? 'none yet' : 'none of that name');
  byId(id).replaceChildren(...(found.length > 0 ? found.map(cardOf) : [nothing]));
}

function show() {
  if (shown === null) return;
  fill('lrps', shown.lrps, (one) => card(one, one.ready && `${one.ready} ready`, one.instances.map(instance)));
  fill('requests', shown.requests, (one) => card(one, one.buildpack, one.steps.map(step)));
}

function say(text, isBad) {
  byId('state').textContent = text;
  byId('state').className = isBad ? 'bad' : '';
}

async function read() {
  try {
    const answer = await fetch('shown', { cache: 'no-store', signal: AbortSignal.timeout(20 * INTERVAL_MILLIS) });
    const body = await answer.json();
    if (answer.ok) {
      shown = body;
      say(body.more > 0 ? `live, and ${body.more} more that are not shown` : 'live', false);
      show();
    } else {
      say(body.error, true);
    }
  } catch (failure) {
    say('cc-bridge does not answer', true);
  }
  setTimeout(read, document.hidden ? 10 * INTERVAL_MILLIS : INTERVAL_MILLIS);
}

byId('find').addEventListener('input', show);
read();
