//! A sans-IO HTTP/1.1 client codec: heads, body framing, content decoding, and every limit
