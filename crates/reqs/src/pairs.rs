//! A serde serializer whose output is pairs of text: the shape of queries and forms.
//!
//! Three positions, each with a serializer of its own: the whole value (pairs, or one raw string), one pair (a
//! sequence of exactly two), and one value (a scalar, nothing, or a list of scalars). What a position does not name is
//! refused.

use std::fmt;

use serde::ser::{self, Impossible, Serialize};

use crate::kinds::{Fields, Items, Kinds, Scalar};
use crate::params::Pair;

/// What a value turned out to be.
pub(crate) enum Shape {
    Raw(String),
    Pairs(Vec<Pair>),
}

/// The value's pairs, or the reason that it has none.
pub(crate) fn of<T: Serialize + ?Sized>(value: &T) -> Result<Shape, Unfit> {
    let mut pairs = Vec::new();
    match Whole(&mut pairs).read(value)? {
        Some(raw) => Ok(Shape::Raw(raw)),
        None => Ok(Shape::Pairs(pairs)),
    }
}

/// Why a value is not pairs of text.
#[derive(Debug)]
pub(crate) struct Unfit(String);

impl Unfit {
    fn pairs(found: &str) -> Unfit {
        Unfit(format!(
            "cannot encode {found} as params or form fields, which are pairs, a map, a struct or a string"
        ))
    }

    fn value(found: &str) -> Unfit {
        Unfit(format!(
            "cannot encode {found} as the value of a param or form field, which is text, a number or a list of those"
        ))
    }

    fn key(found: &str) -> Unfit {
        Unfit(format!("cannot encode {found} as the key of a param or form field, which is text or a number"))
    }

    fn of_key(self, key: &[u8]) -> Unfit {
        Unfit(format!("{} (key {:?})", self.0, String::from_utf8_lossy(key)))
    }
}

impl fmt::Display for Unfit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Unfit {}

impl ser::Error for Unfit {
    fn custom<T: fmt::Display>(message: T) -> Unfit {
        Unfit(message.to_string())
    }
}

/// The whole value; its `Ok` is a raw string, if it is one.
struct Whole<'a>(&'a mut Vec<Pair>);

impl<'a> Kinds for Whole<'a> {
    type Ok = Option<String>;
    type Error = Unfit;
    type Items = ManyPairs<'a>;
    type Fields = KeysAndValues<'a>;

    fn refuse(what: &str) -> Unfit {
        Unfit::pairs(what)
    }

    fn scalar(self, scalar: Scalar<'_>) -> Result<Option<String>, Unfit> {
        match scalar {
            Scalar::Char(value) => Ok(Some(value.to_string())),
            Scalar::Text(text) => Ok(Some(text.to_owned())),
            Scalar::Bytes(bytes) => match str::from_utf8(bytes) {
                Ok(text) => Ok(Some(text.to_owned())),
                Err(_) => Err(Unfit::pairs("bytes that are not UTF-8")),
            },
            other => Err(Unfit::pairs(other.what())),
        }
    }

    fn nothing(self) -> Result<Option<String>, Unfit> {
        Ok(None)
    }

    fn items(self) -> Result<ManyPairs<'a>, Unfit> {
        Ok(ManyPairs(self.0))
    }

    fn fields(self, _: &'static str) -> Result<KeysAndValues<'a>, Unfit> {
        Ok(KeysAndValues { pairs: self.0, key: Vec::new() })
    }
}

/// A list whose items must be pairs.
struct ManyPairs<'a>(&'a mut Vec<Pair>);

impl Items for ManyPairs<'_> {
    type Ok = Option<String>;
    type Error = Unfit;

    fn item<T: Serialize + ?Sized>(&mut self, item: &T) -> Result<(), Unfit> {
        OnePair(self.0).read(item)
    }

    fn end(self) -> Result<Option<String>, Unfit> {
        Ok(None)
    }
}

/// A map or struct, whose keys must be scalars.
struct KeysAndValues<'a> {
    pairs: &'a mut Vec<Pair>,
    key: Vec<u8>,
}

impl Fields for KeysAndValues<'_> {
    type Ok = Option<String>;
    type Error = Unfit;

    fn key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), Unfit> {
        self.key = key_of(key)?;
        Ok(())
    }

    fn value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Unfit> {
        push(self.pairs, &std::mem::take(&mut self.key), value)
    }

    fn end(self) -> Result<Option<String>, Unfit> {
        Ok(None)
    }
}

fn push<T: Serialize + ?Sized>(pairs: &mut Vec<Pair>, key: &[u8], value: &T) -> Result<(), Unfit> {
    let mut values = Vec::new();
    Values(&mut values, Place::Value).read(value).map_err(|unfit| unfit.of_key(key))?;
    pairs.extend(values.into_iter().map(|value| (key.to_vec(), value)));
    Ok(())
}

pub(crate) fn key_of<T: Serialize + ?Sized>(key: &T) -> Result<Vec<u8>, Unfit> {
    let mut keys = Vec::new();
    Values(&mut keys, Place::Key).read(key)?;
    keys.pop().flatten().ok_or_else(|| Unfit::key("nothing"))
}

/// A pair: a sequence of exactly two, of which the first is a scalar.
struct OnePair<'a>(&'a mut Vec<Pair>);

const A_PAIR: &str = "objects that are not pairs";

impl<'a> Kinds for OnePair<'a> {
    type Ok = ();
    type Error = Unfit;
    type Items = Halves<'a>;
    type Fields = Impossible<(), Unfit>;

    fn refuse(_: &str) -> Unfit {
        Unfit::pairs(A_PAIR)
    }

    fn items(self) -> Result<Halves<'a>, Unfit> {
        Ok(Halves { pairs: self.0, key: None, done: false })
    }
}

/// The two halves of a pair, as they come.
struct Halves<'a> {
    pairs: &'a mut Vec<Pair>,
    key: Option<Vec<u8>>,
    done: bool,
}

impl Items for Halves<'_> {
    type Ok = ();
    type Error = Unfit;

    fn item<T: Serialize + ?Sized>(&mut self, item: &T) -> Result<(), Unfit> {
        match self.key.take() {
            _ if self.done => Err(Unfit::pairs(A_PAIR)),
            None => {
                self.key = Some(key_of(item)?);
                Ok(())
            }
            Some(key) => {
                self.done = true;
                push(self.pairs, &key, item)
            }
        }
    }

    fn end(self) -> Result<(), Unfit> {
        if self.done { Ok(()) } else { Err(Unfit::pairs(A_PAIR)) }
    }
}

/// A value: a scalar, nothing, or a list of those.
struct Values<'a>(&'a mut Vec<Option<Vec<u8>>>, Place);

/// Where a scalar stands. Only in the place of a value may a list stand for several.
#[derive(Clone, Copy, PartialEq)]
enum Place {
    Value,
    List,
    Key,
}

impl<'a> Kinds for Values<'a> {
    type Ok = ();
    type Error = Unfit;
    type Items = List<'a>;
    type Fields = Impossible<(), Unfit>;

    fn refuse(what: &str) -> Unfit {
        Unfit::value(what)
    }

    fn scalar(self, scalar: Scalar<'_>) -> Result<(), Unfit> {
        self.0.push(Some(scalar.into_bytes()));
        Ok(())
    }

    fn nothing(self) -> Result<(), Unfit> {
        self.0.push(None);
        Ok(())
    }

    fn items(self) -> Result<List<'a>, Unfit> {
        match self.1 {
            Place::Value => Ok(List(self.0)),
            Place::List => Err(Unfit::value("a list inside a list")),
            Place::Key => Err(Unfit::key("a list")),
        }
    }

    fn fields(self, what: &str) -> Result<Self::Fields, Unfit> {
        Err(match self.1 {
            Place::Key => Unfit::key(what),
            Place::Value | Place::List => {
                Unfit(format!("{}; Params::nested writes more", Unfit::value(what)))
            }
        })
    }
}

/// A list of values that repeat one key.
struct List<'a>(&'a mut Vec<Option<Vec<u8>>>);

impl Items for List<'_> {
    type Ok = ();
    type Error = Unfit;

    fn item<T: Serialize + ?Sized>(&mut self, item: &T) -> Result<(), Unfit> {
        Values(self.0, Place::List).read(item)
    }

    /// `None` inside a list is left out; it does not say that the key is to be taken away.
    fn end(self) -> Result<(), Unfit> {
        self.0.retain(Option::is_some);
        Ok(())
    }
}

#[cfg(test)]
mod tests;
