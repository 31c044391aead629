export { tcp, type TcpOptions } from './transport/tcp/tcp.ts'
