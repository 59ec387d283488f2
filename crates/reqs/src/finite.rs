//! Looks for floats that JSON cannot write (JSN-5): a serializer that writes nothing.
//!
//! `serde_json` writes NaN and the infinities as `null`, which is data lost in silence. This walk finds them first and
//! says where they are. Its methods do nothing else, so for a type without floats the compiler leaves nothing of it.

use std::fmt;

use serde::ser::{self, Serialize};

use crate::kinds::{Fields, Items, Kinds, Scalar};

/// Whether every float in the value is finite.
///
/// # Errors
/// The first that is not and where it is; or what the value itself says instead of being serialized.
pub(crate) fn check<T: Serialize + ?Sized>(value: &T) -> Result<(), Unfit> {
    Walk.read(value)
}

/// Why a value cannot be JSON.
#[derive(Debug)]
pub(crate) struct Unfit {
    reason: Reason,
    /// From the top to the value: `.items[3]["price"]`, kept in pieces and backwards while the walk unwinds.
    path: Vec<String>,
}

#[derive(Debug)]
enum Reason {
    Float(f64),
    Custom(String),
}

impl Unfit {
    fn float(float: f64) -> Unfit {
        Unfit { reason: Reason::Float(float), path: Vec::new() }
    }

    fn below(mut self, step: String) -> Unfit {
        self.path.push(step);
        self
    }
}

impl fmt::Display for Unfit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.reason {
            Reason::Custom(message) => return f.write_str(message),
            Reason::Float(float) => {
                write!(f, "Out of range float values are not JSON compliant: {float}")?;
            }
        }
        if !self.path.is_empty() {
            f.write_str(" at ")?;
        }
        self.path.iter().rev().try_for_each(|step| f.write_str(step))
    }
}

impl std::error::Error for Unfit {}

impl ser::Error for Unfit {
    fn custom<T: fmt::Display>(message: T) -> Unfit {
        Unfit { reason: Reason::Custom(message.to_string()), path: Vec::new() }
    }
}

struct Walk;

impl Kinds for Walk {
    type Ok = ();
    type Error = Unfit;
    type Items = List;
    type Fields = Entries;

    fn scalar(self, scalar: Scalar<'_>) -> Result<(), Unfit> {
        match scalar {
            Scalar::F32(value) if !value.is_finite() => Err(Unfit::float(value.into())),
            Scalar::F64(value) if !value.is_finite() => Err(Unfit::float(value)),
            _ => Ok(()),
        }
    }

    fn nothing(self) -> Result<(), Unfit> {
        Ok(())
    }

    fn items(self) -> Result<List, Unfit> {
        Ok(List { next: 0 })
    }

    fn fields(self, _: &'static str) -> Result<Entries, Unfit> {
        Ok(Entries)
    }

    fn variant<T: Serialize + ?Sized>(self, name: &'static str, value: &T) -> Result<(), Unfit> {
        self.read(value).map_err(|unfit| unfit.below(format!(".{name}")))
    }

    fn variant_items(self) -> Result<List, Unfit> {
        self.items()
    }

    fn variant_fields(self) -> Result<Entries, Unfit> {
        Ok(Entries)
    }

    /// Without making a `String` of it.
    fn shown<T: fmt::Display + ?Sized>(self, _: &T) -> Result<(), Unfit> {
        Ok(())
    }
}

/// A list or tuple, and which of its items comes next.
struct List {
    next: usize,
}

impl Items for List {
    type Ok = ();
    type Error = Unfit;

    fn item<T: Serialize + ?Sized>(&mut self, item: &T) -> Result<(), Unfit> {
        let at = self.next;
        self.next += 1;
        Walk.read(item).map_err(|unfit| unfit.below(format!("[{at}]")))
    }

    fn end(self) -> Result<(), Unfit> {
        Ok(())
    }
}

/// A map or struct. What serves as a key is text in JSON, and `serde_json` itself refuses what cannot.
struct Entries;

impl Fields for Entries {
    type Ok = ();
    type Error = Unfit;

    fn key<T: Serialize + ?Sized>(&mut self, _: &T) -> Result<(), Unfit> {
        Ok(())
    }

    fn value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Unfit> {
        Walk.read(value).map_err(|unfit| unfit.below("[…]".to_owned()))
    }

    fn entry<K, V>(&mut self, key: &K, value: &V) -> Result<(), Unfit>
    where
        K: Serialize + ?Sized,
        V: Serialize + ?Sized,
    {
        Walk.read(value).map_err(|unfit| {
            unfit.below(format!("[{}]", serde_json::to_string(key).unwrap_or_else(|_| "…".to_owned())))
        })
    }

    fn field<T: Serialize + ?Sized>(&mut self, name: &'static str, value: &T) -> Result<(), Unfit> {
        Walk.read(value).map_err(|unfit| unfit.below(format!(".{name}")))
    }

    fn end(self) -> Result<(), Unfit> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    fn message(value: impl Serialize) -> String {
        check(&value).unwrap_err().to_string()
    }

    /// t:test_post_json_nan
    #[test]
    fn jsn_5_what_json_cannot_write_is_found_where_it_is() {
        const REASON: &str = "Out of range float values are not JSON compliant";
        assert_eq!(message(f64::NAN), format!("{REASON}: NaN"));
        assert_eq!(message(Some(f32::INFINITY)), format!("{REASON}: inf"));
        assert_eq!(message([1.0, 2.0, f64::NEG_INFINITY]), format!("{REASON}: -inf at [2]"));
        assert_eq!(message((1, ("a", f32::NAN))), format!("{REASON}: NaN at [1][1]"));
        let map = BTreeMap::from([("a", vec![0.0]), ("b c", vec![1.0, f64::NAN])]);
        assert_eq!(message(map), format!("{REASON}: NaN at [\"b c\"][1]"));
    }

    #[test]
    fn jsn_5_everything_else_passes() {
        let value = serde_json::json!({"a": [1, 2.5, null, "NaN", true], "b": {"c": -1e308}});
        check(&value).unwrap();
        check(&(1_u128, 'x', "y", (), std::net::Ipv4Addr::LOCALHOST, f64::MAX)).unwrap();
    }
}
