//! A serde serializer whose output is pairs of text: the shape of queries and forms.
//!
//! Three positions, each with a serializer of its own: the whole value (pairs, or one raw string), one pair (a
//! sequence of exactly two), and one value (a scalar, nothing, or a list of scalars).

use std::fmt;

use serde::ser::{self, Impossible, Serialize, Serializer};

use crate::params::Pair;

/// What a value turned out to be.
pub(crate) enum Shape {
    Raw(String),
    Pairs(Vec<Pair>),
}

/// The value's pairs, or the reason that it has none.
pub(crate) fn of<T: Serialize + ?Sized>(value: &T) -> Result<Shape, Unfit> {
    let mut pairs = Vec::new();
    match value.serialize(Whole(&mut pairs))? {
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
            "cannot encode {found} as params or form fields: give pairs, a map, a struct or a string"
        ))
    }

    fn value(found: &str) -> Unfit {
        Unfit(format!(
            "cannot encode {found} as the value of a param or form field: give text, a number or a list"
        ))
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

/// Methods of a serializer that refuse what they are given.
macro_rules! refuse {
    ($reason:path; $($method:ident($($kind:ty),*) $what:literal;)*) => {$(
        fn $method(self, $(_: $kind),*) -> Result<Self::Ok, Unfit> {
            Err($reason($what))
        }
    )*};
}

/// Methods of a serializer that hand a value on to what it wraps.
macro_rules! see_through {
    () => {
        fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<Self::Ok, Unfit> {
            value.serialize(self)
        }

        fn serialize_newtype_struct<T: Serialize + ?Sized>(
            self,
            _: &'static str,
            value: &T,
        ) -> Result<Self::Ok, Unfit> {
            value.serialize(self)
        }
    };
}

/// The variants of enums that hold something have no place in pairs.
macro_rules! no_rich_variants {
    ($reason:path) => {
        type SerializeTupleVariant = Impossible<Self::Ok, Unfit>;
        type SerializeStructVariant = Impossible<Self::Ok, Unfit>;

        fn serialize_newtype_variant<T: Serialize + ?Sized>(
            self,
            _: &'static str,
            _: u32,
            _: &'static str,
            _: &T,
        ) -> Result<Self::Ok, Unfit> {
            Err($reason("an enum's variant that holds data"))
        }

        fn serialize_tuple_variant(
            self,
            _: &'static str,
            _: u32,
            _: &'static str,
            _: usize,
        ) -> Result<Self::SerializeTupleVariant, Unfit> {
            Err($reason("an enum's variant that holds data"))
        }

        fn serialize_struct_variant(
            self,
            _: &'static str,
            _: u32,
            _: &'static str,
            _: usize,
        ) -> Result<Self::SerializeStructVariant, Unfit> {
            Err($reason("an enum's variant that holds data"))
        }
    };
}

/// Single values become text by the serializer's own `text`.
macro_rules! scalars {
    () => {
        $crate::pairs::scalars! {
            serialize_bool(value: bool) value.to_string();
            serialize_i8(value: i8) value.to_string();
            serialize_i16(value: i16) value.to_string();
            serialize_i32(value: i32) value.to_string();
            serialize_i64(value: i64) value.to_string();
            serialize_i128(value: i128) value.to_string();
            serialize_u8(value: u8) value.to_string();
            serialize_u16(value: u16) value.to_string();
            serialize_u32(value: u32) value.to_string();
            serialize_u64(value: u64) value.to_string();
            serialize_u128(value: u128) value.to_string();
            // A float as it is read back: `1.0`, not `1`.
            serialize_f32(value: f32) format!("{value:?}");
            serialize_f64(value: f64) format!("{value:?}");
            serialize_char(value: char) value.to_string();
            serialize_str(value: &str) value;
        }
    };
    ($($method:ident($value:ident: $kind:ty) $text:expr;)*) => {$(
        fn $method(self, $value: $kind) -> Result<(), Unfit> {
            self.text($text)
        }
    )*};
}
pub(crate) use scalars;

/// The whole value; its `Ok` is a raw string, if it is one.
struct Whole<'a>(&'a mut Vec<Pair>);

impl<'a> Serializer for Whole<'a> {
    type Ok = Option<String>;
    type Error = Unfit;
    type SerializeSeq = Items<'a>;
    type SerializeTuple = Items<'a>;
    type SerializeTupleStruct = Items<'a>;
    type SerializeMap = Fields<'a>;
    type SerializeStruct = Fields<'a>;

    refuse! { Unfit::pairs;
        serialize_bool(bool) "a bool";
        serialize_i8(i8) "a number";
        serialize_i16(i16) "a number";
        serialize_i32(i32) "a number";
        serialize_i64(i64) "a number";
        serialize_u8(u8) "a number";
        serialize_u16(u16) "a number";
        serialize_u32(u32) "a number";
        serialize_u64(u64) "a number";
        serialize_f32(f32) "a number";
        serialize_f64(f64) "a number";
        serialize_unit_variant(&'static str, u32, &'static str) "an enum's variant";
    }
    see_through!();
    no_rich_variants!(Unfit::pairs);

    fn serialize_char(self, value: char) -> Result<Self::Ok, Unfit> {
        Ok(Some(value.to_string()))
    }

    fn serialize_str(self, value: &str) -> Result<Self::Ok, Unfit> {
        Ok(Some(value.to_owned()))
    }

    fn serialize_bytes(self, value: &[u8]) -> Result<Self::Ok, Unfit> {
        match str::from_utf8(value) {
            Ok(text) => Ok(Some(text.to_owned())),
            Err(_) => Err(Unfit::pairs("bytes that are not UTF-8")),
        }
    }

    fn serialize_none(self) -> Result<Self::Ok, Unfit> {
        Ok(None)
    }

    fn serialize_unit(self) -> Result<Self::Ok, Unfit> {
        Ok(None)
    }

    fn serialize_unit_struct(self, _: &'static str) -> Result<Self::Ok, Unfit> {
        Ok(None)
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<Items<'a>, Unfit> {
        Ok(Items(self.0))
    }

    fn serialize_tuple(self, _: usize) -> Result<Items<'a>, Unfit> {
        Ok(Items(self.0))
    }

    fn serialize_tuple_struct(self, _: &'static str, _: usize) -> Result<Items<'a>, Unfit> {
        Ok(Items(self.0))
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Fields<'a>, Unfit> {
        Ok(Fields { pairs: self.0, key: Vec::new() })
    }

    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Fields<'a>, Unfit> {
        Ok(Fields { pairs: self.0, key: Vec::new() })
    }
}

/// A list whose items must be pairs.
struct Items<'a>(&'a mut Vec<Pair>);

impl Items<'_> {
    fn item<T: Serialize + ?Sized>(&mut self, item: &T) -> Result<(), Unfit> {
        item.serialize(OnePair(self.0))
    }
}

/// A map or struct, whose keys must be scalars.
struct Fields<'a> {
    pairs: &'a mut Vec<Pair>,
    key: Vec<u8>,
}

impl Fields<'_> {
    fn value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Unfit> {
        push(self.pairs, &std::mem::take(&mut self.key), value)
    }
}

fn push<T: Serialize + ?Sized>(pairs: &mut Vec<Pair>, key: &[u8], value: &T) -> Result<(), Unfit> {
    let mut values = Vec::new();
    if let Err(unfit) = value.serialize(Values(&mut values, Lists::Allowed)) {
        return Err(unfit.of_key(key));
    }
    pairs.extend(values.into_iter().map(|value| (key.to_vec(), value)));
    Ok(())
}

pub(crate) fn key_of<T: Serialize + ?Sized>(key: &T) -> Result<Vec<u8>, Unfit> {
    let mut keys = Vec::new();
    key.serialize(Values(&mut keys, Lists::Refused))?;
    keys.pop().flatten().ok_or_else(|| Unfit::value("nothing, as a key,"))
}

/// A pair: a sequence of exactly two, of which the first is a scalar.
struct OnePair<'a>(&'a mut Vec<Pair>);

const A_PAIR: &str = "objects that are not pairs";

impl<'a> Serializer for OnePair<'a> {
    type Ok = ();
    type Error = Unfit;
    type SerializeSeq = Halves<'a>;
    type SerializeTuple = Halves<'a>;
    type SerializeTupleStruct = Halves<'a>;
    type SerializeMap = Impossible<(), Unfit>;
    type SerializeStruct = Impossible<(), Unfit>;

    refuse! { Unfit::pairs;
        serialize_bool(bool) "objects that are not pairs";
        serialize_i8(i8) "objects that are not pairs";
        serialize_i16(i16) "objects that are not pairs";
        serialize_i32(i32) "objects that are not pairs";
        serialize_i64(i64) "objects that are not pairs";
        serialize_u8(u8) "objects that are not pairs";
        serialize_u16(u16) "objects that are not pairs";
        serialize_u32(u32) "objects that are not pairs";
        serialize_u64(u64) "objects that are not pairs";
        serialize_f32(f32) "objects that are not pairs";
        serialize_f64(f64) "objects that are not pairs";
        serialize_char(char) "objects that are not pairs";
        serialize_str(&str) "objects that are not pairs";
        serialize_bytes(&[u8]) "objects that are not pairs";
        serialize_none() "objects that are not pairs";
        serialize_unit() "objects that are not pairs";
        serialize_unit_struct(&'static str) "objects that are not pairs";
        serialize_unit_variant(&'static str, u32, &'static str) "objects that are not pairs";
    }
    see_through!();
    no_rich_variants!(Unfit::pairs);

    fn serialize_seq(self, _: Option<usize>) -> Result<Halves<'a>, Unfit> {
        Ok(Halves { pairs: self.0, key: None, done: false })
    }

    fn serialize_tuple(self, _: usize) -> Result<Halves<'a>, Unfit> {
        Ok(Halves { pairs: self.0, key: None, done: false })
    }

    fn serialize_tuple_struct(self, _: &'static str, _: usize) -> Result<Halves<'a>, Unfit> {
        Ok(Halves { pairs: self.0, key: None, done: false })
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Self::SerializeMap, Unfit> {
        Err(Unfit::pairs(A_PAIR))
    }

    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Self::SerializeStruct, Unfit> {
        Err(Unfit::pairs(A_PAIR))
    }
}

/// The two halves of a pair, as they come.
struct Halves<'a> {
    pairs: &'a mut Vec<Pair>,
    key: Option<Vec<u8>>,
    done: bool,
}

impl Halves<'_> {
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

    fn finish(self) -> Result<(), Unfit> {
        if self.done { Ok(()) } else { Err(Unfit::pairs(A_PAIR)) }
    }
}

/// A value: a scalar, nothing, or a list of those.
struct Values<'a>(&'a mut Vec<Option<Vec<u8>>>, Lists);

#[derive(Clone, Copy, PartialEq)]
enum Lists {
    Allowed,
    Refused,
}

impl<'a> Values<'a> {
    fn text(self, value: impl Into<Vec<u8>>) -> Result<(), Unfit> {
        self.0.push(Some(value.into()));
        Ok(())
    }

    fn nothing(self) -> Result<(), Unfit> {
        self.0.push(None);
        Ok(())
    }

    fn list(self) -> Result<List<'a>, Unfit> {
        match self.1 {
            Lists::Allowed => Ok(List(self.0)),
            Lists::Refused => Err(Unfit::value("a list inside a list, or as a key,")),
        }
    }
}

impl<'a> Serializer for Values<'a> {
    type Ok = ();
    type Error = Unfit;
    type SerializeSeq = List<'a>;
    type SerializeTuple = List<'a>;
    type SerializeTupleStruct = List<'a>;
    type SerializeMap = Impossible<(), Unfit>;
    type SerializeStruct = Impossible<(), Unfit>;

    see_through!();
    no_rich_variants!(Unfit::value);

    scalars!();

    fn serialize_bytes(self, value: &[u8]) -> Result<(), Unfit> {
        self.0.push(Some(value.to_vec()));
        Ok(())
    }

    fn serialize_none(self) -> Result<(), Unfit> {
        self.nothing()
    }

    fn serialize_unit(self) -> Result<(), Unfit> {
        self.nothing()
    }

    fn serialize_unit_struct(self, _: &'static str) -> Result<(), Unfit> {
        self.nothing()
    }

    fn serialize_unit_variant(self, _: &'static str, _: u32, name: &'static str) -> Result<(), Unfit> {
        self.text(name)
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<List<'a>, Unfit> {
        self.list()
    }

    fn serialize_tuple(self, _: usize) -> Result<List<'a>, Unfit> {
        self.list()
    }

    fn serialize_tuple_struct(self, _: &'static str, _: usize) -> Result<List<'a>, Unfit> {
        self.list()
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Self::SerializeMap, Unfit> {
        Err(Unfit::value("a map"))
    }

    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Self::SerializeStruct, Unfit> {
        Err(Unfit::value("a struct"))
    }
}

/// A list of values that repeat one key.
struct List<'a>(&'a mut Vec<Option<Vec<u8>>>);

impl List<'_> {
    fn item<T: Serialize + ?Sized>(&mut self, item: &T) -> Result<(), Unfit> {
        item.serialize(Values(self.0, Lists::Refused))
    }

    /// `None` inside a list is left out; it does not say that the key is to be taken away.
    fn finish(self) {
        self.0.retain(Option::is_some);
    }
}

macro_rules! sequence {
    ($name:ident, $done:ty, |$this:ident| $finish:expr; $($serialize:ident $method:ident),*) => {$(
        impl ser::$serialize for $name<'_> {
            type Ok = $done;
            type Error = Unfit;

            fn $method<T: Serialize + ?Sized>(&mut self, item: &T) -> Result<(), Unfit> {
                self.item(item)
            }

            fn end(self) -> Result<$done, Unfit> {
                let $this = self;
                $finish
            }
        }
    )*};
}
sequence!(Items, Option<String>, |_items| Ok(None);
    SerializeSeq serialize_element, SerializeTuple serialize_element, SerializeTupleStruct serialize_field);
sequence!(Halves, (), |halves| halves.finish();
    SerializeSeq serialize_element, SerializeTuple serialize_element, SerializeTupleStruct serialize_field);
sequence!(List, (), |list| { list.finish(); Ok(()) };
    SerializeSeq serialize_element, SerializeTuple serialize_element, SerializeTupleStruct serialize_field);

impl ser::SerializeMap for Fields<'_> {
    type Ok = Option<String>;
    type Error = Unfit;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), Unfit> {
        self.key = key_of(key)?;
        Ok(())
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Unfit> {
        self.value(value)
    }

    fn end(self) -> Result<Option<String>, Unfit> {
        Ok(None)
    }
}

impl ser::SerializeStruct for Fields<'_> {
    type Ok = Option<String>;
    type Error = Unfit;

    fn serialize_field<T: Serialize + ?Sized>(&mut self, name: &'static str, value: &T) -> Result<(), Unfit> {
        self.key = name.as_bytes().to_vec();
        self.value(value)
    }

    fn end(self) -> Result<Option<String>, Unfit> {
        Ok(None)
    }
}

#[cfg(test)]
mod tests;
