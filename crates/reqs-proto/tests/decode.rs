//! Content codings: section 2.20 of the parity table, and bombs. Every body is also fed in small pieces, split everywhere,
//! and read one byte at a time (see `support::decode`).

mod support;

use reqs_proto::{DecodeError, DecodeLimits, Decoder, Headers};
use support::encoders::{br, gzip, raw_deflate, text, zlib};
use support::{decode, decode_in};

fn bodies() -> Vec<Vec<u8>> {
    vec![Vec::new(), b"x".to_vec(), b"hello, hello, hello".to_vec(), vec![0; 40_000], text(9_000)]
}

fn decoder(codings: &str) -> Result<Option<Decoder>, DecodeError> {
    Decoder::from_headers(&Headers::from([("Content-Encoding", codings)]), &DecodeLimits::default())
}

#[test]
fn dec_1_every_coding_in_any_case_decodes() {
    type Encode = fn(&[u8]) -> Vec<u8>;
    let codings: &[(&[&str], Encode)] = &[
        (&["gzip", "GZip", "x-gzip", "X-GZIP", " gzip ", "identity, gzip", ",gzip,"], gzip),
        (&["deflate", "Deflate"], zlib),
        (&["deflate"], raw_deflate),
        (&["br", "BR"], br),
        #[cfg(feature = "zstd")]
        (&["zstd", "Zstd"], support::encoders::zstd),
    ];
    for (names, encode) in codings {
        for body in bodies() {
            for name in *names {
                assert!(decode(name, &encode(&body)).unwrap() == body, "{name}: {} bytes", body.len());
            }
        }
    }
}

#[test]
fn dec_1_unknown_codings_and_identity_pass_through() {
    for codings in [
        "identity",
        "",
        ",",
        "compress",
        "gzip;q=1",
        "foo, bar",
        "x-deflate",
        "aws-chunked",
        "identity, identity",
    ] {
        assert!(decoder(codings).unwrap().is_none(), "{codings:?}");
    }
    assert!(Decoder::from_headers(&Headers::new(), &DecodeLimits::default()).unwrap().is_none());
    #[cfg(not(feature = "zstd"))]
    assert!(decoder("zstd").unwrap().is_none());
}

#[test]
fn dec_1_an_unknown_coding_among_known_ones_is_an_error_that_names_it() {
    for codings in ["gzip, foo", "foo, gzip", "br, foo, gzip", "deflate, gzip;q=1"] {
        let error = decoder(codings).unwrap_err();
        assert!(matches!(error, DecodeError::UnknownCoding(_)), "{codings}: {error}");
    }
    assert_eq!(
        decoder("gzip, foo").unwrap_err().to_string(),
        "unknown content coding \"foo\" among known ones"
    );
}

#[test]
fn dec_2_gzip_members_are_all_read() {
    let members = [gzip(b"one, "), gzip(b""), gzip(b"two, "), gzip(&text(5000))].concat();
    assert_eq!(decode("gzip", &members).unwrap(), [b"one, two, ".as_slice(), &text(5000)].concat());
}

#[test]
fn dec_2_garbage_after_a_member_is_ignored() {
    for garbage in [&b"garbage"[..], b"\0\0\0\0", b"\x1f\x1f\x8b", b"\x1f\x8b\x07", &[0; 5000]] {
        assert_eq!(decode("gzip", &[&gzip(b"hello"), garbage].concat()).unwrap(), b"hello", "{garbage:?}");
    }
    assert_eq!(decode("deflate", &[&zlib(b"hello"), &b"garbage"[..]].concat()).unwrap(), b"hello");
    assert_eq!(decode("br", &[&br(b"hello"), &b"garbage"[..]].concat()).unwrap(), b"hello");
}

#[test]
fn dec_2_gzip_headers_with_every_field() {
    let mut encoder = flate2::GzBuilder::new()
        .filename("a.txt")
        .comment("of no use")
        .extra(vec![1; 300])
        .mtime(9)
        .write(Vec::new(), flate2::Compression::fast());
    std::io::Write::write_all(&mut encoder, b"hello").unwrap();
    assert_eq!(decode("gzip", &encoder.finish().unwrap()).unwrap(), b"hello");
}

#[test]
fn dec_2_a_wrong_checksum_or_length_is_an_error() {
    let good = gzip(b"hello");
    for (at, what) in [(8, "checksum"), (5, "checksum"), (4, "length"), (1, "length")] {
        let mut bad = good.clone();
        let at = bad.len() - at;
        bad[at] ^= 1;
        let error = decode("gzip", &bad).unwrap_err();
        assert!(matches!(error, DecodeError::Corrupt { coding: "gzip", .. }), "{what}: {error}");
    }
    let mut bad = zlib(b"hello");
    *bad.last_mut().unwrap() ^= 1;
    assert!(matches!(decode("deflate", &bad), Err(DecodeError::Corrupt { coding: "deflate", .. })));
}

#[test]
fn dec_2_dec_5_truncation_is_an_error_wherever_it_is() {
    let body = text(3000);
    for (coding, wire) in [
        ("gzip", gzip(&body)),
        ("gzip", gzip(b"")),
        ("deflate", zlib(&body)),
        ("deflate", raw_deflate(&body)),
        ("br", br(&body)),
        #[cfg(feature = "zstd")]
        ("zstd", support::encoders::zstd(&body)),
    ] {
        let headers = Headers::from([("content-encoding", coding)]);
        for end in 1..wire.len() {
            let result = decode_in(&headers, &DecodeLimits::default(), &wire[..end], 4096, 4096);
            assert_eq!(result, Err(DecodeError::Truncated(coding)), "{coding}: {end} of {}", wire.len());
        }
    }
    // The second member cut short, even inside its magic number.
    let (one, two) = (gzip(b"one"), gzip(b"two"));
    for end in 1..two.len() {
        let error = decode("gzip", &[one.as_slice(), &two[..end]].concat()).unwrap_err();
        assert_eq!(error, DecodeError::Truncated("gzip"), "{end}");
    }
}

#[test]
fn dec_2_what_is_not_the_coding_is_an_error() {
    for codings in [
        "gzip",
        "deflate",
        "br",
        #[cfg(feature = "zstd")]
        "zstd",
    ] {
        let error = decode(codings, b"\xffthis is no compressed data, whatever it says").unwrap_err();
        assert!(matches!(error, DecodeError::Corrupt { .. }), "{codings}: {error}");
        assert!(error.to_string().starts_with(&format!("the body is not valid {codings}: ")), "{error}");
    }
}

#[test]
fn what_was_decoded_before_an_error_is_not_lost() {
    let body = text(1000);
    let wrong_checksum = |mut wire: Vec<u8>, at: usize| {
        let at = wire.len() - at;
        wire[at] ^= 1;
        wire
    };
    for (codings, wire) in [
        ("gzip", wrong_checksum(gzip(&body), 8)),
        ("deflate", wrong_checksum(zlib(&body), 1)),
        ("gzip, br", br(&wrong_checksum(gzip(&body), 8))),
        ("br, gzip", wrong_checksum(gzip(&br(&body)), 8)),
    ] {
        for room in [1, 7, 64 * 1024] {
            let mut decoder = decoder(codings).unwrap().unwrap();
            let (mut input, mut room, mut out) = (wire.as_slice(), vec![0; room], Vec::new());
            let error = loop {
                match decoder.decode(input, &mut room) {
                    Ok(progress) => {
                        input = &input[progress.consumed..];
                        out.extend_from_slice(&room[..progress.produced]);
                    }
                    Err(error) => break error,
                }
            };
            assert!(matches!(error, DecodeError::Corrupt { .. }), "{codings}: {error}");
            assert!(out == body, "{codings}: {} bytes", out.len());
            assert_eq!(decoder.finish(&mut room), Err(error), "{codings}: an error stays");
        }
    }
}

#[test]
fn dec_3_deflate_is_zlib_or_raw() {
    for body in bodies() {
        assert!(decode("deflate", &zlib(&body)).unwrap() == body);
        assert!(decode("deflate", &raw_deflate(&body)).unwrap() == body);
    }
    // The shortest raw streams.
    assert_eq!(decode("deflate", &[3, 0]).unwrap(), b"");
    assert_eq!(decode("deflate", &[0x4b, 0x04, 0x00]).unwrap(), b"a");
    // Two bytes that are nothing, and one that is too few.
    assert!(matches!(decode("deflate", b"\xff\xff"), Err(DecodeError::Corrupt { .. })));
    assert_eq!(decode("deflate", b"\x78"), Err(DecodeError::Truncated("deflate")));
}

#[test]
fn dec_4_chains_are_undone_from_the_right_and_joined_across_lines() {
    let body = text(20_000);
    assert!(decode("gzip, br", &br(&gzip(&body))).unwrap() == body);
    assert!(decode("deflate, gzip, br", &br(&gzip(&zlib(&body)))).unwrap() == body);
    assert!(decode("identity, gzip, identity, deflate", &zlib(&gzip(&body))).unwrap() == body);
    assert!(
        decode("gzip, gzip, gzip, gzip, gzip", &(0..5).fold(body.clone(), |body, _| gzip(&body))).unwrap()
            == body
    );
    let headers = Headers::from([("Content-Encoding", "gzip"), ("A", "b"), ("content-encoding", "br")]);
    assert!(decode_in(&headers, &DecodeLimits::default(), &br(&gzip(&body)), 1000, 1000).unwrap() == body);
    // Cut short in either layer.
    let wire = br(&gzip(&body));
    let headers = Headers::from([("content-encoding", "gzip, br")]);
    for end in [1, wire.len() / 2, wire.len() - 1] {
        let result = decode_in(&headers, &DecodeLimits::default(), &wire[..end], 4096, 4096);
        assert_eq!(result, Err(DecodeError::Truncated("br")));
    }
    let inner = gzip(&body);
    let result = decode_in(&headers, &DecodeLimits::default(), &br(&inner[..inner.len() - 1]), 4096, 4096);
    assert_eq!(result, Err(DecodeError::Truncated("gzip")));
}

#[test]
fn dec_4_sec_32_sec_64_more_than_five_codings_are_refused_before_decoding() {
    let error = decoder("gzip, gzip, gzip, gzip, gzip, gzip").unwrap_err();
    assert_eq!(error, DecodeError::TooManyCodings { limit: 5 });
    assert!(error.is_limit());
    let headers: Headers = (0..6).map(|_| ("Content-Encoding", "gzip")).collect();
    assert!(Decoder::from_headers(&headers, &DecodeLimits::default()).is_err());
    let mut limits = DecodeLimits::default();
    limits.layers = 1;
    assert!(Decoder::from_headers(&Headers::from([("content-encoding", "gzip, br")]), &limits).is_err());
}

#[cfg(feature = "zstd")]
#[test]
fn dec_5_zstd_frames_are_all_read_and_skippable_ones_skipped() {
    use support::encoders::zstd;
    let skippable = b"\x5a\x2a\x4d\x18\x03\0\0\0abc";
    let wire = [&zstd(b"one, "), &skippable[..], &zstd(b""), &zstd(&text(200_000))].concat();
    assert!(decode("zstd", &wire).unwrap() == [b"one, ".as_slice(), &text(200_000)].concat());
    assert_eq!(decode("zstd", skippable).unwrap(), b"");
    assert_eq!(decode("zstd", &skippable[..9]), Err(DecodeError::Truncated("zstd")));
    assert!(matches!(
        decode("zstd", &[&zstd(b"one"), &b"garbage"[..]].concat()),
        Err(DecodeError::Corrupt { .. })
    ));
    // A dictionary that nobody has.
    assert!(matches!(
        decode("zstd", b"\x28\xb5\x2f\xfd\x01\x00\x05\x01\0\0"),
        Err(DecodeError::Corrupt { .. })
    ));
    // A window beyond the 8 MiB of RFC 9659: refused before it is allocated.
    let wide = b"\x28\xb5\x2f\xfd\x00\xa0\x01\0\0";
    assert!(matches!(decode("zstd", wide), Err(DecodeError::Corrupt { .. })));
}

#[test]
fn dec_6_an_empty_body_is_empty_whatever_its_coding() {
    for codings in [
        "gzip",
        "deflate",
        "br",
        "gzip, br",
        #[cfg(feature = "zstd")]
        "zstd",
    ] {
        assert_eq!(decode(codings, b"").unwrap(), b"", "{codings}");
    }
    // Nothing, compressed once, where twice was announced.
    assert_eq!(decode("gzip, gzip", &gzip(b"")).unwrap(), b"");
}

#[test]
fn dec_7_sec_33_sec_35_each_call_is_bounded_by_its_room() {
    let zeros = vec![0; 10 << 20];
    for (codings, wire) in [
        ("gzip", gzip(&zeros)),
        ("br", br(&zeros)),
        ("gzip, gzip", gzip(&gzip(&zeros))),
        #[cfg(feature = "zstd")]
        ("zstd", support::encoders::zstd(&zeros)),
    ] {
        let mut decoder = decoder(codings).unwrap().unwrap();
        let (mut input, mut room, mut total) = (wire.as_slice(), [1u8; 1024], 0);
        loop {
            let progress = decoder.decode(input, &mut room).unwrap();
            assert!(progress.produced <= 1024);
            input = &input[progress.consumed..];
            total += progress.produced;
            if progress == reqs_proto::Progress::default() {
                break;
            }
        }
        assert_eq!((total, decoder.finish(&mut room)), (10 << 20, Ok(0)), "{codings}");
    }
}

#[test]
fn sec_35_large_window_brotli_is_refused() {
    // A window of 2^30 bytes, which RFC 7932 does not have: 0x11, then the bits of the window.
    for window in [10, 24, 30] {
        assert!(matches!(
            decode("br", &[0x11, window, 0x03, 0x03]),
            Err(DecodeError::Corrupt { coding: "br", .. })
        ));
    }
    // The same end of stream in the smallest window that it does have.
    assert_eq!(decode("br", &[0x06]).unwrap(), b"");
}

#[test]
fn dec_8_the_headers_stay_as_received() {
    let headers = Headers::from([("Content-Encoding", "gzip"), ("Content-Length", "25")]);
    decode_in(&headers, &DecodeLimits::default(), &gzip(b"hello"), 100, 100).unwrap();
    assert_eq!((&headers["content-encoding"], &headers["content-length"]), ("gzip", "25"));
}

#[test]
fn the_ratio_limit_stops_a_bomb_and_can_be_lifted() {
    let zeros = vec![0; 1 << 20];
    let headers = Headers::from([("content-encoding", "gzip")]);
    let mut limits = DecodeLimits::default();
    limits.ratio_after = 100_000;
    let error = decode_in(&headers, &limits, &gzip(&zeros), 100, 4096).unwrap_err();
    assert!(matches!(error, DecodeError::RatioTooHigh { limit: 256, .. }) && error.is_limit(), "{error}");
    // Text is nowhere near it, and a small body may have any ratio.
    assert!(decode_in(&headers, &limits, &gzip(&text(1 << 20)), 100, 4096).is_ok());
    assert!(decode_in(&headers, &limits, &gzip(&zeros[..90_000]), 100, 4096).is_ok());
    limits.ratio = None;
    assert!(decode_in(&headers, &limits, &gzip(&zeros), 100, 4096).is_ok());
    // A chain that swells in its middle and has no output at all.
    let hollow = gzip(&gzip(b"").repeat(20_000));
    limits.ratio = Some(256);
    let headers = Headers::from([("content-encoding", "gzip, gzip")]);
    let error = decode_in(&headers, &limits, &hollow, 100, 4096).unwrap_err();
    assert!(matches!(error, DecodeError::RatioTooHigh { .. }), "{error}");
}

#[test]
fn the_total_limit_is_exact() {
    let headers = Headers::from([("content-encoding", "gzip")]);
    let mut limits = DecodeLimits::default();
    limits.total = Some(1000);
    assert!(decode_in(&headers, &limits, &gzip(&text(1000)), 100, 64).is_ok());
    let error = decode_in(&headers, &limits, &gzip(&text(1001)), 100, 64).unwrap_err();
    assert_eq!(error, DecodeError::TooLong { limit: 1000 });
}

#[test]
fn a_decoder_can_move_between_threads() {
    fn send<T: Send>() {}
    send::<Decoder>();
    send::<reqs_proto::Exchange>();
}
