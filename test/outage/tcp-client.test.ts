import { describeOutages } from './support/describe-outages.ts'
import { nodeRuntime } from './support/node-runtime.ts'
import { TCP_FAULTS } from './tcp-faults.ts'

/** Stories under way at once. Making a client's class takes tens of ms of CPU in each of their processes. */
const AT_ONCE = 3

/**
 * The engine around a driver is that of the other suites, which meet every fault: here one of each kind is enough to see that a client of
 * the user's is wired as ours is. Every case is played, and each costs a client's class more.
 */
const KINDS =
  /^(refused|every SYN is dropped|killed in the middle|two seconds a reply in|hangs up|garbage|TLS where|the password is wrong|a replica|hung up)/

describeOutages(
  TCP_FAULTS.filter(({ name }) => KINDS.test(name)),
  [
    nodeRuntime('Node, by createClient of redis 6', { driver: 'redis' }, false),
    nodeRuntime('Node, by createClient of redis 5', { driver: 'redis5' }, false),
  ],
  AT_ONCE,
)
