"""The attributes of a device that sightings may carry: a closed list, with the field of documents that each fills.

A dissector that learns something else of a device adds its word here. This module stays interpreted.
"""

from __future__ import annotations

from typing import Final

import msgspec


class Attribute(msgspec.Struct, frozen=True):
    """One attribute. ``field`` is the document field it fills, "" when only the inventory, store and reports show it.

    ``many``: several values may be true at once, so another value is no change. ``agrees``: independent sources must agree
    on it. ``unique``: it names one device in the world (or the plant). ``swapped``: it distinguishes a replaced device from its
    predecessor at the same address. ``elsewhere``: it says where a device is or whom it looks for, not what it is.
    """

    name: str
    meaning: str
    field: str = ""
    many: bool = False
    agrees: bool = False
    unique: bool = False
    swapped: bool = False
    elsewhere: bool = False


ATTRIBUTES: Final = (
    Attribute("address", "an IP address that its MAC uses", "host.ip", many=True, elsewhere=True),
    Attribute("answered_at", "another MAC than its own that frames to it go to", many=True, elsewhere=True),
    Attribute("asked_for", "an IP address that it looks for", many=True, elsewhere=True),
    Attribute(
        "shared_address", "an address that it shares with other routers, and the MAC of it", many=True, elsewhere=True
    ),
    Attribute("manufacturer", "who made it", "device.manufacturer", agrees=True),
    Attribute("model", "the model", "device.model.name", agrees=True),
    Attribute("product_code", "the order number", "device.model.identifier", swapped=True),
    Attribute("product_name", "the product, where it is named apart from the model"),
    Attribute("serial_number", "the serial number", "device.serial_number", agrees=True, unique=True, swapped=True),
    Attribute("firmware_version", "the version of its firmware", "spanwatch.asset.firmware_version"),
    Attribute("hardware_version", "the version of its hardware", "spanwatch.asset.hardware_version"),
    Attribute("software_version", "the version of other software on it"),
    Attribute("operating_system", "the operating system"),
    Attribute("os_version", "the version of the operating system"),
    Attribute("name", "what its owner called it", "spanwatch.asset.own_names"),
    Attribute("hostname", "its name in the network", "spanwatch.asset.own_names"),
    Attribute("station_name", "its name in the plant, unique there", "spanwatch.asset.own_names", unique=True),
    Attribute("description", "what it says about itself in free text", "spanwatch.asset.description"),
    Attribute("application", "the name of the application on it"),
    Attribute("server_id", "the identification of its maker, undecoded"),
    Attribute("id_code", "a code that its owner gave it"),
    Attribute("asset_tag", "the number in its owner's inventory"),
    Attribute("location", "where it stands", "spanwatch.asset.site_area"),
    Attribute("location_designation", "where it stands, in the plant's scheme"),
    Attribute("url", "the page of its maker or of itself"),
    Attribute("mode", "run, stop and alike, at last sight"),
    Attribute("module_name", "the name of the module that answered"),
    Attribute("module", "a module in it", many=True),
    Attribute("memory_card_serial", "the serial number of its memory card"),
    Attribute("device_mac", "the MAC address of the whole device"),
    Attribute("management_address", "where it is managed", many=True),
    Attribute("chassis_id", "the whole device by its own name or MAC"),
    Attribute("port_id", "the port that was heard", many=True),
    Attribute("port_description", "that port in free text", many=True),
    Attribute("checksums", "whether its frames were captured before its network card put the checksums in"),
    Attribute("capabilities", "what it forwards: bridge, router and alike"),
)

NAMES: Final = frozenset(attribute.name for attribute in ATTRIBUTES)
