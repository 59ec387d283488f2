//! A socket, TLS over it where that is wanted, and one buffer.

use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::sync::Arc;

use bench_harness::Site;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};

const BUFFER: usize = 64 * 1024;

enum Stream {
    Plain(TcpStream),
    Tls(Box<StreamOwned<ClientConnection, TcpStream>>),
}

pub(crate) struct Connection {
    stream: Stream,
    /// Received and not yet used: `memory[start..end]`.
    memory: Vec<u8>,
    start: usize,
    end: usize,
    closes: bool,
    chunked: bool,
}

/// Made once, as everything that is the same for all connections.
pub(crate) fn tls_config(authority: &Path) -> Arc<ClientConfig> {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_file(authority).unwrap()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder =
        ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    Arc::new(builder.with_root_certificates(roots).with_no_client_auth())
}

impl Connection {
    pub(crate) fn open(site: &Site, tls: Option<Arc<ClientConfig>>) -> Connection {
        let socket = TcpStream::connect(site.authority_part()).unwrap();
        let stream = match tls {
            None => Stream::Plain(socket),
            Some(config) => {
                socket.set_nodelay(true).unwrap();
                let name = site.authority_part().split(':').next().unwrap().to_owned().try_into().unwrap();
                Stream::Tls(Box::new(StreamOwned::new(ClientConnection::new(config, name).unwrap(), socket)))
            }
        };
        Connection { stream, memory: vec![0; BUFFER], start: 0, end: 0, closes: false, chunked: false }
    }

    /// Reads a head, which comes in one piece here, and tells the length of the body.
    pub(crate) fn receive_head(&mut self) -> u64 {
        (self.start, self.end) = (0, 0);
        loop {
            let read = self.stream.read(&mut self.memory[self.end..]).unwrap();
            assert_ne!(read, 0, "the server has closed");
            self.end += read;
            let mut headers = [httparse::EMPTY_HEADER; 32];
            let mut head = httparse::Response::new(&mut headers);
            let httparse::Status::Complete(used) = head.parse(&self.memory[..self.end]).unwrap() else {
                continue;
            };
            assert_eq!(head.code, Some(200));
            let mut length = 0;
            for header in head.headers.iter() {
                if header.name.eq_ignore_ascii_case("content-length") {
                    length = std::str::from_utf8(header.value).unwrap().parse().unwrap();
                } else if header.name.eq_ignore_ascii_case("connection") {
                    self.closes = header.value == b"close";
                } else if header.name.eq_ignore_ascii_case("transfer-encoding") {
                    self.chunked = true;
                }
            }
            self.start = used;
            return length;
        }
    }

    /// Reads a chunked body and tells how long it was.
    pub(crate) fn skip_chunks(&mut self) -> u64 {
        self.chunked = false;
        let mut total = 0;
        loop {
            let size = self.chunk_size();
            total += size;
            // The line end behind the chunk.
            let mut left = size as usize + 2;
            while left > 0 {
                if self.start == self.end {
                    self.refill();
                }
                let step = left.min(self.end - self.start);
                self.start += step;
                left -= step;
            }
            if size == 0 {
                return total;
            }
        }
    }

    fn chunk_size(&mut self) -> u64 {
        loop {
            match httparse::parse_chunk_size(&self.memory[self.start..self.end]).unwrap() {
                httparse::Status::Complete((used, size)) => {
                    self.start += used;
                    return size;
                }
                httparse::Status::Partial => {
                    self.memory.copy_within(self.start..self.end, 0);
                    (self.start, self.end) = (0, self.end - self.start);
                    let read = self.stream.read(&mut self.memory[self.end..]).unwrap();
                    assert_ne!(read, 0, "the server has closed");
                    self.end += read;
                }
            }
        }
    }

    fn refill(&mut self) {
        self.start = 0;
        self.end = self.stream.read(&mut self.memory).unwrap();
        assert_ne!(self.end, 0, "the server has closed");
    }

    pub(crate) fn closes(&self) -> bool {
        self.closes
    }

    pub(crate) fn is_chunked(&self) -> bool {
        self.chunked
    }
}

impl Read for Connection {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if self.start == self.end {
            return self.stream.read(out);
        }
        let step = out.len().min(self.end - self.start);
        out[..step].copy_from_slice(&self.memory[self.start..self.start + step]);
        self.start += step;
        Ok(step)
    }
}

impl Write for Connection {
    fn write(&mut self, data: &[u8]) -> io::Result<usize> {
        self.stream.write(data)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.stream.flush()
    }
}

impl Read for Stream {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        match self {
            Stream::Plain(stream) => stream.read(out),
            Stream::Tls(stream) => stream.read(out),
        }
    }
}

impl Write for Stream {
    fn write(&mut self, data: &[u8]) -> io::Result<usize> {
        match self {
            Stream::Plain(stream) => stream.write(data),
            Stream::Tls(stream) => stream.write(data),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Stream::Plain(stream) => stream.flush(),
            Stream::Tls(stream) => stream.flush(),
        }
    }
}
