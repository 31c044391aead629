import { lookup } from 'node:dns/promises'
import { isIP } from 'node:net'
import { codeOf } from '../hints.ts'
import type { Step } from '../step.ts'
import { late, within } from '../within.ts'

const NAME_SERVERS = 'Check the name servers of this machine, its VPN and its network'

/** The host's name to addresses, by the system, as `net.connect` does it. */
export const resolve: Step = {
  name: 'resolve',
  isVital: true,
  isTimed: true,
  async run({ target: { place, socketPath }, patience }) {
    if (place === undefined) return { status: 'skipped', finding: `${socketPath === undefined ? 'memory' : 'a unix socket'} has no host name` }
    const family = isIP(place.host)
    if (family !== 0) {
      return { status: 'skipped', finding: 'the host is an address already', facts: { addresses: [{ address: place.host, family }] } }
    }
    try {
      const addresses = await within(lookup(place.host, { all: true }), patience.left)
      if (addresses === late) {
        return { status: 'failed', finding: 'DNS does not answer', hint: NAME_SERVERS, facts: { isLookupStuck: true } }
      }
      return { status: 'ok', finding: addresses.map(({ address }) => address).join(', '), facts: { addresses } }
    } catch (error) {
      const code = codeOf(error)
      const hint =
        code === 'ENOTFOUND' ? 'Check the host for a typo; a private name resolves only inside its network (VPC, Docker, VPN)' : NAME_SERVERS
      return { status: 'failed', finding: `no address for this host name (${code})`, hint }
    }
  },
}
