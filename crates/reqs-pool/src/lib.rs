//! Connections for an HTTP client: addresses, sockets, TLS, proxies, and a keep-alive pool
