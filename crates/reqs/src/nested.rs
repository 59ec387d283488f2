//! A serde serializer like that of `pairs`, for values inside values: their way down is written into the key.
//!
//! `{"a": {"b": 1}, "c": [2], "d": [{"e": 3}]}` becomes `a[b]=1`, `c[]=2` and `d[0][e]=3`.

use serde::ser::{self, Impossible, Serialize, Serializer};

use crate::pairs::{Unfit, scalars};
use crate::params::Pair;

/// The value's pairs, or the reason that it has none.
pub(crate) fn of<T: Serialize + ?Sized>(value: &T) -> Result<Vec<Pair>, Unfit> {
    let mut pairs = Vec::new();
    value.serialize(Node { pairs: &mut pairs, place: Place::Top })?;
    Ok(pairs)
}

/// A value and where it stands.
struct Node<'a> {
    pairs: &'a mut Vec<Pair>,
    place: Place,
}

enum Place {
    Top,
    Field(String),
    Item { list: String, at: usize },
}

impl Place {
    /// The key for a single value. Items of a list need no number.
    fn of_scalar(self) -> Result<String, Unfit> {
        match self {
            Place::Top => Err(Unfit::at_top()),
            Place::Field(name) => Ok(name),
            Place::Item { list, .. } => Ok(format!("{list}[]")),
        }
    }

    /// What the keys of a map or list begin with. Here items need their number, or their fields would be one map.
    fn of_group(self) -> Option<String> {
        match self {
            Place::Top => None,
            Place::Field(name) => Some(name),
            Place::Item { list, at } => Some(format!("{list}[{at}]")),
        }
    }
}

impl<'a> Node<'a> {
    fn text(self, value: impl Into<Vec<u8>>) -> Result<(), Unfit> {
        self.pairs.push((self.place.of_scalar()?.into_bytes(), Some(value.into())));
        Ok(())
    }

    /// Nothing: left out, but for a key of its own, which `None` takes away.
    fn nothing(self) -> Result<(), Unfit> {
        match self.place {
            Place::Top | Place::Item { .. } => Ok(()),
            Place::Field(name) => {
                self.pairs.push((name.into_bytes(), None));
                Ok(())
            }
        }
    }

    fn list(self) -> Result<Items<'a>, Unfit> {
        let list = self.place.of_group().ok_or_else(Unfit::at_top)?;
        Ok(Items { pairs: self.pairs, list, next: 0 })
    }

    fn fields(self) -> Fields<'a> {
        Fields { pairs: self.pairs, group: self.place.of_group(), key: String::new() }
    }
}

impl<'a> Serializer for Node<'a> {
    type Ok = ();
    type Error = Unfit;
    type SerializeSeq = Items<'a>;
    type SerializeTuple = Items<'a>;
    type SerializeTupleStruct = Items<'a>;
    type SerializeTupleVariant = Impossible<(), Unfit>;
    type SerializeMap = Fields<'a>;
    type SerializeStruct = Fields<'a>;
    type SerializeStructVariant = Impossible<(), Unfit>;

    scalars!();

    fn serialize_bytes(self, value: &[u8]) -> Result<(), Unfit> {
        self.text(value)
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
        _: &'static str,
        _: &T,
    ) -> Result<(), Unfit> {
        Err(Unfit::rich_variant())
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<Items<'a>, Unfit> {
        self.list()
    }

    fn serialize_tuple(self, _: usize) -> Result<Items<'a>, Unfit> {
        self.list()
    }

    fn serialize_tuple_struct(self, _: &'static str, _: usize) -> Result<Items<'a>, Unfit> {
        self.list()
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Self::SerializeTupleVariant, Unfit> {
        Err(Unfit::rich_variant())
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Fields<'a>, Unfit> {
        Ok(self.fields())
    }

    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Fields<'a>, Unfit> {
        Ok(self.fields())
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Self::SerializeStructVariant, Unfit> {
        Err(Unfit::rich_variant())
    }
}

/// A list, and which of its items comes next.
struct Items<'a> {
    pairs: &'a mut Vec<Pair>,
    list: String,
    next: usize,
}

impl Items<'_> {
    fn item<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Unfit> {
        let place = Place::Item { list: self.list.clone(), at: self.next };
        self.next += 1;
        value.serialize(Node { pairs: self.pairs, place })
    }
}

macro_rules! items {
    ($($serialize:ident $method:ident),*) => {$(
        impl ser::$serialize for Items<'_> {
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
items!(SerializeSeq serialize_element, SerializeTuple serialize_element, SerializeTupleStruct serialize_field);

/// A map or struct, and what its keys begin with.
struct Fields<'a> {
    pairs: &'a mut Vec<Pair>,
    group: Option<String>,
    key: String,
}

impl Fields<'_> {
    fn field<T: Serialize + ?Sized>(&mut self, key: &str, value: &T) -> Result<(), Unfit> {
        let place = match &self.group {
            None => Place::Field(key.to_owned()),
            Some(group) => Place::Field(format!("{group}[{key}]")),
        };
        value.serialize(Node { pairs: self.pairs, place })
    }
}

impl ser::SerializeMap for Fields<'_> {
    type Ok = ();
    type Error = Unfit;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), Unfit> {
        let key = crate::pairs::key_of(key)?;
        self.key = String::from_utf8(key).map_err(|_| Unfit::key_not_text())?;
        Ok(())
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Unfit> {
        let key = std::mem::take(&mut self.key);
        self.field(&key, value)
    }

    fn end(self) -> Result<(), Unfit> {
        Ok(())
    }
}

impl ser::SerializeStruct for Fields<'_> {
    type Ok = ();
    type Error = Unfit;

    fn serialize_field<T: Serialize + ?Sized>(&mut self, name: &'static str, value: &T) -> Result<(), Unfit> {
        self.field(name, value)
    }

    fn end(self) -> Result<(), Unfit> {
        Ok(())
    }
}

impl Unfit {
    fn at_top() -> Unfit {
        ser::Error::custom("cannot encode this as nested params: give a map or a struct")
    }

    fn rich_variant() -> Unfit {
        ser::Error::custom("cannot encode an enum's variant that holds data as nested params")
    }

    fn key_not_text() -> Unfit {
        ser::Error::custom("cannot encode a key that is not UTF-8 as nested params")
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde_json::json;

    use crate::params::Params;

    fn written(value: &impl serde::Serialize) -> String {
        let text = Params::nested(value).unwrap().to_string();
        percent_encoding::percent_decode_str(&text).decode_utf8().unwrap().into_owned()
    }

    #[test]
    fn x22_the_way_down_is_in_the_key() {
        let value = json!({
            "a": {"b": {"c": 1.0}, "d": null},
            "e": ["x", null, true],
            "f": [{"g": 1}, {"g": [2]}],
            "h": [],
        });
        assert_eq!(written(&value), "a[b][c]=1.0&e[]=x&e[]=true&f[0][g]=1&f[1][g][]=2");
        assert_eq!(written(&BTreeMap::from([(7, ('é', 2_u8))])), "7[]=é&7[]=2");
    }

    #[test]
    fn x22_other_shapes_are_refused() {
        for value in [json!(1), json!("text"), json!([1])] {
            assert!(
                Params::nested(&value).unwrap_err().to_string().contains("give a map or a struct"),
                "{value}"
            );
        }
        assert!(Params::nested(&BTreeMap::from([("a", Err::<u8, u8>(1))])).is_err());
        assert!(Params::nested(&json!(null)).unwrap().is_empty());
    }
}
