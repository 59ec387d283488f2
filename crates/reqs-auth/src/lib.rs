//! HTTP authentication: challenges, Basic, Digest, Bearer, and netrc, without any I/O of HTTP
