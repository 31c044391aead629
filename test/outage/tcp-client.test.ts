import { describeOutages } from './support/describe-outages.ts'
import { nodeRuntime } from './support/node-runtime.ts'
import { TCP_FAULTS } from './tcp-faults.ts'

/** Stories under way at once. Making a client's class takes tens of ms of CPU in each of their processes. */
const AT_ONCE = 3

/** With the user's redis 6 it is the driver that is built in: of each kind of fault one is enough to see that it is wired as ours is. */
const KINDS =
  /^(refused|every SYN is dropped|reset at once|killed in the middle|frozen|two seconds a reply|hangs up|garbage|TLS where|a certificate|the password is wrong|no room|loading|a replica|hung up)/

describeOutages(
  TCP_FAULTS.filter(({ name }) => KINDS.test(name)),
  [nodeRuntime('Node, by createClient of redis 6', { driver: 'redis' }, false)],
  AT_ONCE,
)
describeOutages(TCP_FAULTS, [nodeRuntime('Node, by createClient of redis 5', { driver: 'redis5' }, false)], AT_ONCE)
