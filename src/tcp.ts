export { tcp, type TcpOptions } from './transport/tcp/tcp.ts'
export { cluster, type ClusterOptions } from './transport/cluster/cluster.ts'
export { sentinel, type SentinelOptions } from './transport/sentinel/sentinel.ts'
