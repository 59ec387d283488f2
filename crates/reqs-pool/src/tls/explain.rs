//! Errors of TLS in one line for people.

use std::time::Duration;

use rustls::{AlertDescription, CertificateError, Error, PeerIncompatible, PeerMisbehaved};
use rustls_pki_types::UnixTime;

use super::verifier::PIN_MISMATCH;
use crate::error::{ErrorKind, Peer, Step};

/// The kind and the line for a TLS error in an exchange with `peer`.
pub(crate) fn explain(peer: &Peer<'_>, step: Step, error: &Error) -> (ErrorKind, String) {
    match error {
        Error::InvalidCertificate(fault) => (ErrorKind::Certificate, certificate(peer, fault)),
        Error::General(what) if what == PIN_MISMATCH => (
            ErrorKind::Certificate,
            format!("the certificate of {} is not the one expected: {what}", peer.host),
        ),
        Error::NoCertificatesPresented => {
            (ErrorKind::Certificate, format!("{peer} presented no certificate"))
        }
        Error::AlertReceived(alert) => alert_received(peer, step, *alert),
        Error::InvalidMessage(_) if step.is_connecting() => {
            let message =
                format!("{peer} does not speak TLS on this port (the TLS handshake failed: {error})");
            (ErrorKind::Tls, message)
        }
        Error::PeerIncompatible(
            PeerIncompatible::ServerDoesNotSupportTls12Or13
            | PeerIncompatible::ServerTlsVersionIsDisabledByOurConfig
            | PeerIncompatible::Tls12NotOffered
            | PeerIncompatible::Tls12NotOfferedOrEnabled
            | PeerIncompatible::Tls13RequiredForQuic,
        )
        | Error::PeerMisbehaved(PeerMisbehaved::SelectedUnofferedCipherSuite) => {
            (ErrorKind::Tls, format!("{peer} offers no version of TLS that is allowed here: {error}"))
        }
        other if step.is_connecting() => {
            (ErrorKind::Tls, format!("the TLS handshake with {peer} failed: {other}"))
        }
        other => (ErrorKind::Tls, format!("the TLS connection with {peer} broke while {step}: {other}")),
    }
}

fn certificate(peer: &Peer<'_>, fault: &CertificateError) -> String {
    let host = peer.host;
    match fault {
        CertificateError::UnknownIssuer => {
            format!("the certificate of {host} is not trusted: unknown issuer")
        }
        CertificateError::Expired => format!("the certificate of {host} has expired"),
        CertificateError::ExpiredContext { time, not_after } => {
            format!("the certificate of {host} expired {} ago", span(since(*not_after, *time)))
        }
        CertificateError::NotValidYet => format!("the certificate of {host} is not valid yet"),
        CertificateError::NotValidYetContext { time, not_before } => {
            format!("the certificate of {host} is not valid for another {}", span(since(*time, *not_before)))
        }
        CertificateError::NotValidForName => format!("the certificate of {host} is for another name"),
        CertificateError::NotValidForNameContext { presented, .. } if presented.is_empty() => {
            format!("the certificate of {host} carries no name (no subjectAltName)")
        }
        CertificateError::NotValidForNameContext { presented, .. } => {
            let names: Vec<&str> = presented.iter().map(|name| readable(name)).collect();
            format!("the certificate of {host} is for {} and not for that name", names.join(", "))
        }
        CertificateError::Revoked => format!("the certificate of {host} was revoked"),
        CertificateError::BadSignature => {
            format!("the certificate of {host} is not trusted: its signature is wrong")
        }
        CertificateError::BadEncoding => format!("the certificate of {host} cannot be read: bad encoding"),
        CertificateError::InvalidPurpose | CertificateError::InvalidPurposeContext { .. } => {
            format!("the certificate of {host} is not meant for servers")
        }
        CertificateError::Other(other) if other.to_string() == "CaUsedAsEndEntity" => {
            format!(
                "the certificate of {host} is not trusted: it is a CA certificate, and not one that was named"
            )
        }
        other => format!("the certificate of {host} is not trusted: {other}"),
    }
}

fn alert_received(peer: &Peer<'_>, step: Step, alert: AlertDescription) -> (ErrorKind, String) {
    let name = alert.as_str().unwrap_or("an unknown alert");
    match alert {
        AlertDescription::CertificateRequired => {
            (ErrorKind::ClientCertificate, format!("{peer} wants a client certificate, and none was shown"))
        }
        AlertDescription::BadCertificate
        | AlertDescription::UnsupportedCertificate
        | AlertDescription::CertificateRevoked
        | AlertDescription::CertificateExpired
        | AlertDescription::CertificateUnknown
        | AlertDescription::UnknownCA
        | AlertDescription::AccessDenied => {
            (ErrorKind::ClientCertificate, format!("{peer} refused the client certificate: {name}"))
        }
        AlertDescription::ProtocolVersion => (
            ErrorKind::Tls,
            format!("{peer} offers no version of TLS that is allowed here: it answered {name}"),
        ),
        AlertDescription::HandshakeFailure => {
            let hint = "no common cipher or version, or a client certificate is wanted";
            (ErrorKind::Tls, format!("{peer} refused the TLS handshake: {name} ({hint})"))
        }
        AlertDescription::UnrecognisedName => {
            (ErrorKind::Tls, format!("{peer} does not know the name {}: {name}", peer.host))
        }
        _ => (ErrorKind::Tls, format!("{peer} broke off TLS while {step}: {name}")),
    }
}

/// `DnsName("example.com")` as webpki prints it, down to the name.
fn readable(presented: &str) -> &str {
    presented.split('"').nth(1).unwrap_or_else(|| {
        let inner = presented.split_once('(').map_or(presented, |(_, rest)| rest);
        inner.strip_suffix(')').unwrap_or(inner)
    })
}

fn since(from: UnixTime, to: UnixTime) -> Duration {
    Duration::from_secs(to.as_secs().saturating_sub(from.as_secs()))
}

/// A span of time in its largest unit.
fn span(time: Duration) -> String {
    let seconds = time.as_secs();
    let (count, unit) = match seconds {
        0..120 => (seconds, "second"),
        120..7200 => (seconds / 60, "minute"),
        7200..172_800 => (seconds / 3600, "hour"),
        _ => (seconds / 86_400, "day"),
    };
    if count == 1 { format!("1 {unit}") } else { format!("{count} {unit}s") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_freed_from_their_debug_dress() {
        assert_eq!(readable(r#"DnsName("example.com")"#), "example.com");
        assert_eq!(readable("IpAddress(127.0.0.1)"), "127.0.0.1");
    }

    #[test]
    fn spans_are_told_in_one_unit() {
        assert_eq!(span(Duration::from_secs(1)), "1 second");
        assert_eq!(span(Duration::from_secs(7200)), "2 hours");
        assert_eq!(span(Duration::from_secs(86_400 * 30)), "30 days");
    }
}
