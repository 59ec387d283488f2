//! The document of the JSON scenario.

use serde::{Deserialize, Serialize};

/// What is posted, and what comes back.
#[derive(Clone, Debug, Deserialize, Serialize, PartialEq)]
#[allow(missing_docs)]
pub struct Order {
    pub id: u64,
    pub customer: String,
    pub email: String,
    pub express: bool,
    pub total: f64,
    pub items: Vec<Item>,
    pub note: String,
}

/// A line of an order.
#[derive(Clone, Debug, Deserialize, Serialize, PartialEq)]
#[allow(missing_docs)]
pub struct Item {
    pub sku: String,
    pub name: String,
    pub count: u32,
    pub price: f64,
}

impl Order {
    /// The order that every client posts.
    pub fn example() -> Order {
        let item =
            |sku: &str, name: &str, count, price| Item { sku: sku.into(), name: name.into(), count, price };
        Order {
            id: 4711,
            customer: "Ada Lovelace".into(),
            email: "ada@example.org".into(),
            express: true,
            total: 129.95,
            items: vec![
                item("A-1001", "difference engine, small", 1, 99.95),
                item("B-2002", "punched cards, 100", 3, 10.0),
            ],
            note: "leave it with the neighbour".into(),
        }
    }
}
