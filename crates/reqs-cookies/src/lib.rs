//! A cookie jar after RFC 6265bis, with public suffixes and cookies.txt
