"""DeltaDesk's desktop. It imports the engine; the engine never imports it."""
