//! Looks for floats that JSON cannot write (JSN-5): a serializer that writes nothing.
//!
//! `serde_json` writes NaN and the infinities as `null`, which is data lost in silence. This walk finds them first and
//! says where they are. Its methods do nothing else, so for a type without floats the compiler leaves nothing of it.

use std::fmt;

use serde::ser::{self, Serialize, Serializer};

/// Whether every float in the value is finite.
///
/// # Errors
/// The first that is not and where it is; or what the value itself says instead of being serialized.
pub(crate) fn check<T: Serialize + ?Sized>(value: &T) -> Result<(), Unfit> {
    value.serialize(Walk)
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

/// Values that cannot hold a float.
macro_rules! fine {
    ($($method:ident($($kind:ty),*);)*) => {$(
        fn $method(self, $(_: $kind),*) -> Result<(), Unfit> {
            Ok(())
        }
    )*};
}

impl Serializer for Walk {
    type Ok = ();
    type Error = Unfit;
    type SerializeSeq = Items;
    type SerializeTuple = Items;
    type SerializeTupleStruct = Items;
    type SerializeTupleVariant = Items;
    type SerializeMap = Entries;
    type SerializeStruct = Entries;
    type SerializeStructVariant = Entries;

    fine! {
        serialize_bool(bool);
        serialize_i8(i8);
        serialize_i16(i16);
        serialize_i32(i32);
        serialize_i64(i64);
        serialize_i128(i128);
        serialize_u8(u8);
        serialize_u16(u16);
        serialize_u32(u32);
        serialize_u64(u64);
        serialize_u128(u128);
        serialize_char(char);
        serialize_str(&str);
        serialize_bytes(&[u8]);
        serialize_none();
        serialize_unit();
        serialize_unit_struct(&'static str);
        serialize_unit_variant(&'static str, u32, &'static str);
    }

    fn serialize_f32(self, value: f32) -> Result<(), Unfit> {
        self.serialize_f64(f64::from(value))
    }

    fn serialize_f64(self, value: f64) -> Result<(), Unfit> {
        match value.is_finite() {
            true => Ok(()),
            false => Err(Unfit { reason: Reason::Float(value), path: Vec::new() }),
        }
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<(), Unfit> {
        value.serialize(self)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        value: &T,
    ) -> Result<(), Unfit> {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        value: &T,
    ) -> Result<(), Unfit> {
        value.serialize(self).map_err(|unfit| unfit.below(format!(".{variant}")))
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<Items, Unfit> {
        Ok(Items { next: 0 })
    }

    fn serialize_tuple(self, _: usize) -> Result<Items, Unfit> {
        Ok(Items { next: 0 })
    }

    fn serialize_tuple_struct(self, _: &'static str, _: usize) -> Result<Items, Unfit> {
        Ok(Items { next: 0 })
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Items, Unfit> {
        Ok(Items { next: 0 })
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Entries, Unfit> {
        Ok(Entries)
    }

    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Entries, Unfit> {
        Ok(Entries)
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Entries, Unfit> {
        Ok(Entries)
    }

    /// The default would make a `String` of it.
    fn collect_str<T: fmt::Display + ?Sized>(self, _: &T) -> Result<(), Unfit> {
        Ok(())
    }
}

/// A list or tuple, and which of its items comes next.
struct Items {
    next: usize,
}

impl Items {
    fn item<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Unfit> {
        let at = self.next;
        self.next += 1;
        value.serialize(Walk).map_err(|unfit| unfit.below(format!("[{at}]")))
    }
}

macro_rules! items {
    ($($serialize:ident $method:ident),*) => {$(
        impl ser::$serialize for Items {
            type Ok = ();
            type Error = Unfit;

            fn $method<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Unfit> {
                self.item(value)
            }

            fn end(self) -> Result<(), Unfit> {
                Ok(())
            }
        }
    )*};
}
items!(
    SerializeSeq serialize_element,
    SerializeTuple serialize_element,
    SerializeTupleStruct serialize_field,
    SerializeTupleVariant serialize_field
);

/// A map or struct. What serves as a key is text in JSON, and `serde_json` itself refuses what cannot.
struct Entries;

impl ser::SerializeMap for Entries {
    type Ok = ();
    type Error = Unfit;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, _: &T) -> Result<(), Unfit> {
        Ok(())
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Unfit> {
        value.serialize(Walk).map_err(|unfit| unfit.below("[…]".to_owned()))
    }

    fn serialize_entry<K: Serialize + ?Sized, V: Serialize + ?Sized>(
        &mut self,
        key: &K,
        value: &V,
    ) -> Result<(), Unfit> {
        value.serialize(Walk).map_err(|unfit| {
            unfit.below(format!("[{}]", serde_json::to_string(key).unwrap_or_else(|_| "…".to_owned())))
        })
    }

    fn end(self) -> Result<(), Unfit> {
        Ok(())
    }
}

macro_rules! fields {
    ($($serialize:ident),*) => {$(
        impl ser::$serialize for Entries {
            type Ok = ();
            type Error = Unfit;

            fn serialize_field<T: Serialize + ?Sized>(
                &mut self,
                name: &'static str,
                value: &T,
            ) -> Result<(), Unfit> {
                value.serialize(Walk).map_err(|unfit| unfit.below(format!(".{name}")))
            }

            fn end(self) -> Result<(), Unfit> {
                Ok(())
            }
        }
    )*};
}
fields!(SerializeStruct, SerializeStructVariant);

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
