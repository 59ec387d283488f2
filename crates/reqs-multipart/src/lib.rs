//! Streaming multipart/form-data with a length known in advance (RFC 7578)
