//! A serde serializer like that of `pairs`, for values inside values: their way down is written into the key.
//!
//! `{"a": {"b": 1}, "c": [2], "d": [{"e": 3}]}` becomes `a[b]=1`, `c[]=2` and `d[0][e]=3`.

use serde::ser::{self, Serialize};

use crate::kinds::{Fields, Items, Kinds, Scalar};
use crate::pairs::{self, Unfit};
use crate::params::Pair;

/// The value's pairs, or the reason that it has none.
pub(crate) fn of<T: Serialize + ?Sized>(value: &T) -> Result<Vec<Pair>, Unfit> {
    let mut pairs = Vec::new();
    Node { pairs: &mut pairs, place: Place::Top }.read(value)?;
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

impl<'a> Kinds for Node<'a> {
    type Ok = ();
    type Error = Unfit;
    type Items = List<'a>;
    type Fields = Group<'a>;

    fn refuse(what: &str) -> Unfit {
        ser::Error::custom(format_args!("cannot encode {what} as nested params"))
    }

    fn scalar(self, scalar: Scalar<'_>) -> Result<(), Unfit> {
        self.pairs.push((self.place.of_scalar()?.into_bytes(), Some(scalar.into_bytes())));
        Ok(())
    }

    /// Left out, but for a key of its own, which `None` takes away.
    fn nothing(self) -> Result<(), Unfit> {
        match self.place {
            Place::Top | Place::Item { .. } => Ok(()),
            Place::Field(name) => {
                self.pairs.push((name.into_bytes(), None));
                Ok(())
            }
        }
    }

    fn items(self) -> Result<List<'a>, Unfit> {
        let list = self.place.of_group().ok_or_else(Unfit::at_top)?;
        Ok(List { pairs: self.pairs, list, next: 0 })
    }

    fn fields(self, _: &'static str) -> Result<Group<'a>, Unfit> {
        Ok(Group { pairs: self.pairs, group: self.place.of_group(), key: String::new() })
    }
}

/// A list, and which of its items comes next.
struct List<'a> {
    pairs: &'a mut Vec<Pair>,
    list: String,
    next: usize,
}

impl Items for List<'_> {
    type Ok = ();
    type Error = Unfit;

    fn item<T: Serialize + ?Sized>(&mut self, item: &T) -> Result<(), Unfit> {
        let place = Place::Item { list: self.list.clone(), at: self.next };
        self.next += 1;
        Node { pairs: self.pairs, place }.read(item)
    }

    fn end(self) -> Result<(), Unfit> {
        Ok(())
    }
}

/// A map or struct, and what its keys begin with.
struct Group<'a> {
    pairs: &'a mut Vec<Pair>,
    group: Option<String>,
    key: String,
}

impl Fields for Group<'_> {
    type Ok = ();
    type Error = Unfit;

    fn key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), Unfit> {
        let key = pairs::key_of(key)?;
        self.key = String::from_utf8(key).map_err(|_| Node::refuse("a key that is not UTF-8"))?;
        Ok(())
    }

    fn value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Unfit> {
        let key = std::mem::take(&mut self.key);
        let place = match &self.group {
            None => Place::Field(key),
            Some(group) => Place::Field(format!("{group}[{key}]")),
        };
        Node { pairs: self.pairs, place }.read(value)
    }

    fn end(self) -> Result<(), Unfit> {
        Ok(())
    }
}

impl Unfit {
    fn at_top() -> Unfit {
        ser::Error::custom("cannot encode this as nested params: give a map or a struct")
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
