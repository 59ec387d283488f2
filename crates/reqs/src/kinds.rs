//! serde's thirty ways of being handed a value, brought down to the four that matter to a serializer of ours: a scalar,
//! nothing, a list, fields.

use std::fmt;

use serde::ser::{self, Impossible, Serialize, Serializer};

/// What holds more than its name.
const RICH: &str = "an enum's variant that holds data";

/// What a serializer makes of each kind of value. [`Serde`] makes it one.
pub(crate) trait Kinds: Sized {
    /// What comes of a value.
    type Ok;
    type Error: ser::Error;
    type Items: Items<Ok = Self::Ok, Error = Self::Error>;
    type Fields: Fields<Ok = Self::Ok, Error = Self::Error>;

    /// Why a value of this kind cannot be taken: what is not said here is refused with it.
    fn refuse(what: &str) -> Self::Error {
        ser::Error::custom(format_args!("{what} has no place here"))
    }

    /// A single value.
    fn scalar(self, scalar: Scalar<'_>) -> Result<Self::Ok, Self::Error> {
        Err(Self::refuse(scalar.what()))
    }

    /// `None`, `()` and structs without fields.
    fn nothing(self) -> Result<Self::Ok, Self::Error> {
        Err(Self::refuse("nothing"))
    }

    /// A list or a tuple.
    fn items(self) -> Result<Self::Items, Self::Error> {
        Err(Self::refuse("a list"))
    }

    /// A map or a struct; the word for which it is.
    fn fields(self, what: &'static str) -> Result<Self::Fields, Self::Error> {
        Err(Self::refuse(what))
    }

    /// An enum's variant that holds one value.
    fn variant<T: Serialize + ?Sized>(
        self,
        _name: &'static str,
        _value: &T,
    ) -> Result<Self::Ok, Self::Error> {
        Err(Self::refuse(RICH))
    }

    /// An enum's variant that holds a tuple.
    fn variant_items(self) -> Result<Self::Items, Self::Error> {
        Err(Self::refuse(RICH))
    }

    /// An enum's variant that holds fields.
    fn variant_fields(self) -> Result<Self::Fields, Self::Error> {
        Err(Self::refuse(RICH))
    }

    /// What shows itself as text.
    fn shown<T: fmt::Display + ?Sized>(self, value: &T) -> Result<Self::Ok, Self::Error> {
        self.scalar(Scalar::Text(&value.to_string()))
    }

    /// Has a value tell what it is.
    fn read<T: Serialize + ?Sized>(self, value: &T) -> Result<Self::Ok, Self::Error> {
        value.serialize(Serde(self))
    }
}

/// A single value.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Scalar<'a> {
    Bool(bool),
    I64(i64),
    U64(u64),
    I128(i128),
    U128(u128),
    F32(f32),
    F64(f64),
    Char(char),
    Text(&'a str),
    Bytes(&'a [u8]),
    /// The name of an enum's variant.
    Variant(&'static str),
}

impl Scalar<'_> {
    pub(crate) fn what(self) -> &'static str {
        match self {
            Scalar::Bool(_) => "a bool",
            Scalar::Char(_) | Scalar::Text(_) => "text",
            Scalar::Bytes(_) => "bytes",
            Scalar::Variant(_) => "an enum's variant",
            _ => "a number",
        }
    }

    /// The value as text; bytes stay what they are.
    pub(crate) fn into_bytes(self) -> Vec<u8> {
        match self {
            Scalar::Bool(value) => value.to_string().into(),
            Scalar::I64(value) => value.to_string().into(),
            Scalar::U64(value) => value.to_string().into(),
            Scalar::I128(value) => value.to_string().into(),
            Scalar::U128(value) => value.to_string().into(),
            // A float as it is read back: `1.0`, not `1`.
            Scalar::F32(value) => format!("{value:?}").into(),
            Scalar::F64(value) => format!("{value:?}").into(),
            Scalar::Char(value) => value.to_string().into(),
            Scalar::Text(value) | Scalar::Variant(value) => value.into(),
            Scalar::Bytes(value) => value.into(),
        }
    }
}

/// What becomes of the items of a list, one after the other.
pub(crate) trait Items {
    type Ok;
    type Error: ser::Error;

    fn item<T: Serialize + ?Sized>(&mut self, item: &T) -> Result<(), Self::Error>;

    fn end(self) -> Result<Self::Ok, Self::Error>;
}

/// What becomes of the fields of a map or struct, one after the other.
pub(crate) trait Fields {
    type Ok;
    type Error: ser::Error;

    /// The key of a map's entry; its value follows.
    fn key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), Self::Error>;

    fn value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Self::Error>;

    /// A key with its value at once.
    fn entry<K, V>(&mut self, key: &K, value: &V) -> Result<(), Self::Error>
    where
        K: Serialize + ?Sized,
        V: Serialize + ?Sized,
    {
        self.key(key)?;
        self.value(value)
    }

    /// A struct's field.
    fn field<T: Serialize + ?Sized>(&mut self, name: &'static str, value: &T) -> Result<(), Self::Error> {
        self.entry(name, value)
    }

    fn end(self) -> Result<Self::Ok, Self::Error>;
}

/// A serializer by [`Kinds`], and what goes through a list by [`Items`] or through fields by [`Fields`].
pub(crate) struct Serde<K>(K);

macro_rules! scalars {
    ($($method:ident($kind:ty) $scalar:ident;)*) => {$(
        fn $method(self, value: $kind) -> Result<K::Ok, K::Error> {
            self.0.scalar(Scalar::$scalar(value.into()))
        }
    )*};
}

impl<K: Kinds> Serializer for Serde<K> {
    type Ok = K::Ok;
    type Error = K::Error;
    type SerializeSeq = Serde<K::Items>;
    type SerializeTuple = Serde<K::Items>;
    type SerializeTupleStruct = Serde<K::Items>;
    type SerializeTupleVariant = Serde<K::Items>;
    type SerializeMap = Serde<K::Fields>;
    type SerializeStruct = Serde<K::Fields>;
    type SerializeStructVariant = Serde<K::Fields>;

    scalars! {
        serialize_bool(bool) Bool;
        serialize_i8(i8) I64;
        serialize_i16(i16) I64;
        serialize_i32(i32) I64;
        serialize_i64(i64) I64;
        serialize_i128(i128) I128;
        serialize_u8(u8) U64;
        serialize_u16(u16) U64;
        serialize_u32(u32) U64;
        serialize_u64(u64) U64;
        serialize_u128(u128) U128;
        serialize_f32(f32) F32;
        serialize_f64(f64) F64;
        serialize_char(char) Char;
        serialize_str(&str) Text;
        serialize_bytes(&[u8]) Bytes;
    }

    fn serialize_unit_variant(self, _: &'static str, _: u32, name: &'static str) -> Result<K::Ok, K::Error> {
        self.0.scalar(Scalar::Variant(name))
    }

    fn collect_str<T: fmt::Display + ?Sized>(self, value: &T) -> Result<K::Ok, K::Error> {
        self.0.shown(value)
    }

    fn serialize_none(self) -> Result<K::Ok, K::Error> {
        self.0.nothing()
    }

    fn serialize_unit(self) -> Result<K::Ok, K::Error> {
        self.0.nothing()
    }

    fn serialize_unit_struct(self, _: &'static str) -> Result<K::Ok, K::Error> {
        self.0.nothing()
    }

    // What wraps a value is seen through.

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<K::Ok, K::Error> {
        value.serialize(self)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        value: &T,
    ) -> Result<K::Ok, K::Error> {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        name: &'static str,
        value: &T,
    ) -> Result<K::Ok, K::Error> {
        self.0.variant(name, value)
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<Serde<K::Items>, K::Error> {
        self.0.items().map(Serde)
    }

    fn serialize_tuple(self, _: usize) -> Result<Serde<K::Items>, K::Error> {
        self.0.items().map(Serde)
    }

    fn serialize_tuple_struct(self, _: &'static str, _: usize) -> Result<Serde<K::Items>, K::Error> {
        self.0.items().map(Serde)
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Serde<K::Items>, K::Error> {
        self.0.variant_items().map(Serde)
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Serde<K::Fields>, K::Error> {
        self.0.fields("a map").map(Serde)
    }

    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Serde<K::Fields>, K::Error> {
        self.0.fields("a struct").map(Serde)
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Serde<K::Fields>, K::Error> {
        self.0.variant_fields().map(Serde)
    }
}

macro_rules! lists {
    ($($serialize:ident $method:ident),*) => {$(
        impl<I: Items> ser::$serialize for Serde<I> {
            type Ok = I::Ok;
            type Error = I::Error;

            fn $method<T: Serialize + ?Sized>(&mut self, item: &T) -> Result<(), I::Error> {
                self.0.item(item)
            }

            fn end(self) -> Result<I::Ok, I::Error> {
                self.0.end()
            }
        }
    )*};
}
lists!(
    SerializeSeq serialize_element,
    SerializeTuple serialize_element,
    SerializeTupleStruct serialize_field,
    SerializeTupleVariant serialize_field
);

macro_rules! structs {
    ($($serialize:ident),*) => {$(
        impl<F: Fields> ser::$serialize for Serde<F> {
            type Ok = F::Ok;
            type Error = F::Error;

            fn serialize_field<T: Serialize + ?Sized>(
                &mut self,
                name: &'static str,
                value: &T,
            ) -> Result<(), F::Error> {
                self.0.field(name, value)
            }

            fn end(self) -> Result<F::Ok, F::Error> {
                self.0.end()
            }
        }
    )*};
}
structs!(SerializeStruct, SerializeStructVariant);

impl<F: Fields> ser::SerializeMap for Serde<F> {
    type Ok = F::Ok;
    type Error = F::Error;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), F::Error> {
        self.0.key(key)
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), F::Error> {
        self.0.value(value)
    }

    fn serialize_entry<K, V>(&mut self, key: &K, value: &V) -> Result<(), F::Error>
    where
        K: Serialize + ?Sized,
        V: Serialize + ?Sized,
    {
        self.0.entry(key, value)
    }

    fn end(self) -> Result<F::Ok, F::Error> {
        self.0.end()
    }
}

/// For a serializer that takes no fields.
impl<Ok, Error: ser::Error> Fields for Impossible<Ok, Error> {
    type Ok = Ok;
    type Error = Error;

    fn key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), Error> {
        ser::SerializeMap::serialize_key(self, key)
    }

    fn value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Error> {
        ser::SerializeMap::serialize_value(self, value)
    }

    fn end(self) -> Result<Ok, Error> {
        ser::SerializeMap::end(self)
    }
}
