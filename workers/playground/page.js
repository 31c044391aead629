// Plain JavaScript, as the browser gets it: there is no build step.

const MOST_REQUESTS = 100
/** The chart's whole height, ms. */
const CHART_MS = 300
/** Between two requests of the steady traffic, ms. */
const PACE_MS = 400
const KEY = 'greeting'
/** Longer than anybody leaves Redis broken, so that a copy may answer all the time. */
const TTL_MS = 600_000

const byId = (id) => document.getElementById(id)
const bodyRows = byId('requests')
const chart = byId('chart')
const trafficButton = byId('traffic')
const copiesButton = byId('copies')

/** When the cache asks Redis again, epoch ms; 0 where no cooldown is on. */
let cooldownUntil = 0
let countdown

/** Newest first, as the table shows them. */
let records = []
let isTraffic = false

/** Colour only repeats what the text says. */
function toneOf(answer) {
  if (answer.includes(' from memory')) return 'memory'
  if (answer === 'hit' || answer === 'value' || answer === 'stored' || answer === 'ok') return 'good'
  if (answer === 'miss' || answer === 'undefined' || answer === 'stale') return 'miss'
  return answer === '' ? '' : 'bad'
}

function element(name, text, className = '') {
  const made = document.createElement(name)
  made.textContent = text
  if (className !== '') made.className = className
  return made
}

function toRow({ at, method, path, code, answer, ms, connections }) {
  const row = document.createElement('tr')
  const time = new Date(at).toLocaleTimeString('en-GB')
  const said = answer === '' ? `HTTP ${code}` : answer
  row.append(
    element('td', time),
    element('td', `${method} ${path}`),
    element('td', said, `answer ${toneOf(answer)}`),
    element('td', `${ms.toFixed(1)} ms`, 'number'),
    element('td', String(connections), 'number'),
  )
  return row
}

function toBar({ answer, ms }) {
  const bar = element('span', '', toneOf(answer))
  bar.style.blockSize = `${Math.min(100, (ms / CHART_MS) * 100)}%`
  return bar
}

/** Counts the cooldown down once Redis is mended: until it is over, the cache does not know. */
function showCountdown() {
  const left = cooldownUntil - Date.now()
  byId('countdown').textContent =
    cooldownUntil === 0
      ? ''
      : left > 0
        ? `The cache does not know yet: it asks Redis again in ${(left / 1_000).toFixed(1)} s.`
        : 'The cooldown is over: the next request asks Redis.'
  if (left <= 0) clearInterval(countdown)
}

/** An answer of the cache says how long its cooldown lasts; one without means that there is none. */
function noteCooldown({ at, ms, answer, cooldown }) {
  if (answer === '') return
  cooldownUntil = cooldown === 0 ? 0 : at + ms + cooldown
  if (cooldownUntil === 0) startCountdown(false)
}

function startCountdown(isMended) {
  clearInterval(countdown)
  if (isMended && cooldownUntil > 0) countdown = setInterval(showCountdown, 100)
  if (isMended) showCountdown()
  else byId('countdown').textContent = ''
}

function add(record) {
  records = [record, ...records].slice(0, MOST_REQUESTS)
  bodyRows.prepend(toRow(record))
  chart.append(toBar(record))
  while (bodyRows.childElementCount > MOST_REQUESTS) bodyRows.lastElementChild.remove()
  while (chart.childElementCount > MOST_REQUESTS) chart.firstElementChild.remove()
}

function showFigures({ total, open }) {
  byId('connections').textContent = String(total)
  byId('open').textContent = String(open)
  byId('hits').textContent = String(records.filter(({ answer }) => answer.startsWith('hit')).length)
  byId('copied').textContent = String(records.filter(({ answer }) => toneOf(answer) === 'memory').length)
  byId('degraded').textContent = String(records.filter(({ answer }) => toneOf(answer) === 'bad').length)
  byId('slowest').textContent = records.length === 0 ? '–' : `${Math.max(...records.map(({ ms }) => ms)).toFixed(1)} ms`
}

function showSwitches(switches) {
  const buttons = switches.map(({ fault, label, detail }) => {
    const button = element('button', label)
    button.type = 'button'
    button.dataset.fault = fault
    button.append(element('small', detail))
    button.addEventListener('click', () => turn(fault))
    return button
  })
  byId('switches').replaceChildren(...buttons)
}

/** As the button says it. */
function labelOf(fault) {
  const button = document.querySelector(`#switches [data-fault="${fault}"]`)
  return button?.firstChild.textContent.toLowerCase() ?? fault
}

function showFault(fault) {
  for (const button of byId('switches').children) button.setAttribute('aria-pressed', String(button.dataset.fault === fault))
}

const turn = (fault) => order('/playground/fault', { fault })

async function order(path, what) {
  const response = await fetch(path, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(what),
  }).catch(() => undefined)
  if (response?.ok !== true) byId('announcement').textContent = 'The switch could not be turned.'
}

/** What comes of it arrives as an event, as that of any other client. */
async function ask(path, init) {
  const response = await fetch(path, init).catch(() => undefined)
  await response?.arrayBuffer().catch(() => undefined)
  return response?.headers.get('x-cache')
}

const lookUp = () => ask(`/lookup/${KEY}`)
const store = () => ask(`/set/${KEY}?ttl=${TTL_MS}`, { method: 'PUT', body: 'hello' })

async function runTraffic() {
  while (isTraffic) {
    if ((await lookUp()) === 'miss') await store()
    await new Promise((resolve) => setTimeout(resolve, PACE_MS))
  }
}

function setTraffic(isOn) {
  isTraffic = isOn
  trafficButton.setAttribute('aria-pressed', String(isOn))
}

function toggleTraffic() {
  // The loop that still waits goes on by itself when the switch is back before its pace is over.
  const isFirst = !isTraffic && running === undefined
  setTraffic(!isTraffic)
  if (isFirst) start()
}

let running
function start() {
  running = runTraffic().finally(() => {
    running = undefined
  })
}

function showCopies(isOn) {
  copiesButton.setAttribute('aria-pressed', String(isOn))
}

copiesButton.addEventListener('click', () => order('/playground/copies', { copies: copiesButton.getAttribute('aria-pressed') !== 'true' }))
trafficButton.addEventListener('click', toggleTraffic)
byId('lookup').addEventListener('click', lookUp)
byId('store').addEventListener('click', store)
byId('health').addEventListener('click', () => ask('/health'))

const events = new EventSource('/playground/events')
events.addEventListener('state', ({ data }) => {
  const state = JSON.parse(data)
  byId('backend').textContent = `Behind it: ${state.description}.`
  showSwitches(state.switches)
  showFault(state.fault)
  showCopies(state.copies)
  records = []
  bodyRows.replaceChildren()
  chart.replaceChildren()
  for (const record of state.records) {
    add(record)
    noteCooldown(record)
  }
  showFigures(state.connections)
})
events.addEventListener('request', ({ data }) => {
  const { record, connections } = JSON.parse(data)
  add(record)
  noteCooldown(record)
  showFigures(connections)
})
events.addEventListener('fault', ({ data }) => {
  const { fault, connections } = JSON.parse(data)
  showFault(fault)
  showFigures(connections)
  startCountdown(fault === 'healthy')
  byId('announcement').textContent = fault === 'healthy' ? 'Redis is mended.' : `Redis is broken: ${labelOf(fault)}.`
})
events.addEventListener('copies', ({ data }) => {
  const { copies } = JSON.parse(data)
  showCopies(copies)
  byId('announcement').textContent = copies ? 'Copies in memory may answer.' : 'Copies in memory do not answer.'
})
events.addEventListener('error', () => {
  byId('announcement').textContent = 'The playground has ended. Start it again with npm start.'
})
events.addEventListener('open', () => {
  byId('announcement').textContent = ''
})

// A page that moves by itself only where that is welcome; the button stops it.
if (!matchMedia('(prefers-reduced-motion: reduce)').matches) toggleTraffic()
