/** Codes of Node and OpenSSL: the other side answered a TLS handshake with something else, or its certificate does not prove its name. */
export const TLS_FAILURE: RegExp = /(SSL|TLS|CERT|SIGN|CRL|ISSUER|HOSTNAME_MISMATCH)/
