export { tcp, type TcpOptions } from './transport/tcp.ts'
