#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

mod call;
mod config;
mod connection;
mod dial;
mod error;
mod exchange;
mod incoming;
mod info;
mod key;
mod layer;
mod places;
mod pool;
mod replay;
mod route;
mod store;
mod tls;
mod transport;

pub use call::{Call, Outgoing, Reply, Timeouts, Timings};
pub use config::{DropReason, PoolConfig, PoolStats};
pub use error::{Error, ErrorKind, ProxyResponse, Step};
pub use incoming::Incoming;
pub use info::{ConnectionInfo, TlsInfo};
pub use pool::Pool;
pub use route::{
    AddressFilter, Attempt, ConnectTo, Destination, Family, KeepAlive, LocalSettings, Proxy, ProxyKind,
    Resolver, Route, SystemResolver,
};
pub use tls::{Fingerprint, FingerprintError, Identity, TlsSettings, TlsVersion, Verify};

const _: () = {
    const fn send<T: Send>() {}
    const fn send_sync<T: Send + Sync>() {}
    send_sync::<Pool>();
    send_sync::<Route>();
    send_sync::<ConnectionInfo>();
    send::<Incoming>();
    send::<Reply>();
};
