"""English prompts pass, with the names and loan words people use; prompts in other Latin-script languages do not."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest
from anyascii import anyascii

from pipeline.prompting.english import is_english

ENGLISH = [
    "NEURAL NETWORK ARCHITECTURE DIAGRAM, isometric 3D view",
    "Neural network architecture diagram, isometric 3d view, glowing nodes",
    "A café terrace at dusk, 20 °C — warm light",
    "Isometric bar chart, teal palette",
    "cozy coffee shop, watercolor",
    "database servers in a data center, blue neon",
    "Kubernetes cluster, Docker containers, flat illustration",
    "A calm flat illustration of a lighthouse guiding ships, soft teal palette",
    "Three interlocking gears, minimal vector art",
    "Les Paul guitar on a stage, dramatic light",
    "São Paulo skyline at dusk, watercolor",
    "Microservices as small colourful houses connected by bridges, isometric, muted blue palette, no text",
    "Abstract data pipeline, 3D render",
    "Jalapeño peppers and salsa, macro photo",
    "A résumé on a desk beside a latte, photo realistic",
    "Tesla coil sparks, vintage engraving",
    "Isometric data center",
    "Minimal line art robot",
    "A Zen garden in Kyoto with raked gravel and maple trees, ukiyo-e style",
    "Machu Picchu terraces in morning fog, llama in foreground",
    "Origami crane, paper-cut style, pastel tones",
    "Paella pan on a Mediterranean terrace, terracotta and azure",
    "Volkswagen Golf GTI, studio lighting, 3D render",
    "Angela's bakery with croissants and baguettes, watercolour",
    "Vincent van Gogh inspired starry sky above a data center",
    "Samba dancers in Rio de Janeiro, vivid colours",
    "El Niño storm clouds over the Pacific, satellite view",
    "A piñata bursting with coins, flat vector",
    "Naïve Bayes classifier as two funnels sorting marbles",
    "Schrödinger's cat in an open box, soft light, clay model",
    "Düsseldorf harbour, Gehry buildings, line art",
    "A gondola on the Canal Grande, Venezia, early morning, oil painting",
    "Bauhaus poster composition, primary colours, geometric shapes",
    "Fjord landscape near Ålesund, blue hour, long exposure photograph",
    "PostgreSQL elephant standing on a stack of disks, flat illustration",
    "Terraform, Ansible and Jenkins as workbench tools, isometric",
    "Python snake coiled around a crystal, 3D render, octane",
    "Kafka topic streams as parallel rivers merging in a delta, aerial view",
    "Vector embeddings as constellations in a night sky",
    "Convolutional neural network layers, translucent planes, teal glow",
    "Solar panels, wind turbines, green hills",
    "Team meeting, diverse people, round table, flat design",
    "minimalist composition, negative space, muted pastel palette",
    "soft shadows, studio lighting, bokeh",
    "teal and orange, cinematic, 35mm",
    "hyperrealistic macro, f/1.8, shallow depth of field",
    "unreal engine, octane render, volumetric lighting, 8k",
    "vintage sepia, film grain",
    "Assembly line robots welding car bodies",
    "Ramen bowl, steam, close up",
    "Dia de los Muertos altar with marigolds and candles",
    "Hygge living room, fireplace, wool blankets",
    "Doppelgänger silhouettes facing each other in a mirror",
    "Déjà vu: a corridor repeating into infinity",
    "Zeitgeist machine made of brass clockwork",
    "Pepperoni pizza, espresso cup, napkin, top view",
    "Sagrada Familia, Barcelona, line drawing",
    "robot",
    "DNA helix",
    "data lake",
    "Terracotta amphora, Mediterranean villa, olive grove",
    "Stochastic gradient descent: marble rolling down a smooth valley",
    "Ambulance, hospital corridor, emergency",
    "Banana republic tropical poster",
    "Minimalist terrarium, succulents, terracotta, macro bokeh",
    "Fjord kayak, Nordic cabin, hygge interior",
    "Baroque facade, Sao Paulo favela mosaic, Carnival samba",
    "Paella pan, saffron rice, rustic table",
    "Paella pan, saffron rice, Valencia terrace, azulejo tiles",
]

OTHER_LANGUAGES = [
    pytest.param("Ein neuronales Netz mit leuchtenden Knoten auf dunklem Hintergrund", id="German: Ein neuronales Net"),
    pytest.param("Une équipe de scientifiques autour d'une table", id="French: Une équipe de scie"),
    pytest.param("Un graphique en barres isométrique", id="French: Un graphique en ba"),
    pytest.param("gato en la mesa", id="Spanish: gato en la mesa"),
    pytest.param("Una red neuronal con nodos brillantes, vista isométrica", id="Spanish: Una red neuronal c"),
    pytest.param("Eine Tasse Kaffee", id="German: Eine Tasse Kaffee"),
    pytest.param("Rete neurale, vista isometrica", id="Italian: Rete neurale, vist"),
    pytest.param("Arquitetura de microsserviços com contêineres coloridos", id="Portuguese: Arquitetura de mic"),
    pytest.param(
        "Neyron set arkhitektura diagramma izometricheskiy vid", id="Russian in Latin letters: Neyron set arkhite"
    ),
    pytest.param("Een rustige vlakke illustratie van een vuurtoren", id="Dutch: Een rustige vlakke"),
    pytest.param("Schemat architektury sieci neuronowej, widok izometryczny", id="Polish: Schemat architektu"),
    pytest.param("Sinir ağı mimarisi, izometrik görünüm", id="Turkish: Sinir ağı mimarisi"),
    pytest.param("Sinir agi mimarisi, izometrik gorunum", id="Turkish: Sinir agi mimarisi"),
    pytest.param(
        "Illustration plate d'un phare guidant des navires, palette sarcelle douce", id="French: Illustration plate"
    ),
    pytest.param("Ilustracion plana de un faro que guia a los barcos, paleta suave", id="Spanish: Ilustracion plana"),
    pytest.param("En lugn illustration av en fyr", id="Swedish: En lugn illustrati"),
    pytest.param("Diagram arsitektur jaringan saraf, tampilan isometrik", id="Indonesian: Diagram arsitektur"),
    pytest.param("Isometrische Darstellung eines Rechenzentrums, blaue Neonfarben", id="German: Isometrische Darst"),
    pytest.param("Ein Leuchtturm führt Schiffe durch den Nebel, flache Illustration", id="German: Ein Leuchtturm füh"),
    pytest.param("Drei ineinandergreifende Zahnräder, minimalistische Vektorgrafik", id="German: Drei ineinandergre"),
    pytest.param("Architektur eines neuronalen Netzes", id="German: Architektur eines"),
    pytest.param("Trois engrenages imbriqués, style minimaliste", id="French: Trois engrenages i"),
    pytest.param("Un phare au crépuscule, aquarelle, couleurs chaudes", id="French: Un phare au crépus"),
    pytest.param("Salle de serveurs, néons bleus", id="French: Salle de serveurs,"),
    pytest.param(
        "Diagramme d'architecture de réseau de neurones, vue isométrique en 3D", id="French: Diagramme d'archit"
    ),
    pytest.param("Diagrama de arquitectura de red neuronal, vista isométrica 3D", id="Spanish: Diagrama de arquit"),
    pytest.param("Un faro al atardecer, acuarela, tonos cálidos", id="Spanish: Un faro al atardec"),
    pytest.param("Tres engranajes entrelazados, arte vectorial minimalista", id="Spanish: Tres engranajes en"),
    pytest.param("Centro de datos con luces de neón azules", id="Spanish: Centro de datos co"),
    pytest.param("Un faro al tramonto, acquerello, toni caldi", id="Italian: Un faro al tramont"),
    pytest.param(
        "Diagramma dell'architettura della rete neurale, vista isometrica 3D", id="Italian: Diagramma dell'arc"
    ),
    pytest.param("Tre ingranaggi che si incastrano, arte vettoriale", id="Italian: Tre ingranaggi che"),
    pytest.param("Um farol ao pôr do sol, aquarela, tons quentes", id="Portuguese: Um farol ao pôr do"),
    pytest.param("Diagrama da arquitetura de rede neural, vista isométrica 3D", id="Portuguese: Diagrama da arquit"),
    pytest.param("Drie in elkaar grijpende tandwielen, minimalistische vectorkunst", id="Dutch: Drie in elkaar gri"),
    pytest.param("Architectuurdiagram van een neuraal netwerk, isometrisch aanzicht", id="Dutch: Architectuurdiagra"),
    pytest.param("Ett neuralt nätverk med lysande noder, isometrisk vy", id="Swedish: Ett neuralt nätver"),
    pytest.param("Tre kugghjul som griper in i varandra", id="Swedish: Tre kugghjul som g"),
    pytest.param("Et fyrtårn ved solnedgang, akvarel, varme farver", id="Danish: Et fyrtårn ved sol"),
    pytest.param("Neuralt netværk med lysende knuder på mørk baggrund", id="Danish: Neuralt netværk me"),
    pytest.param("Et fyrtårn som leder skip gjennom tåken", id="Norwegian: Et fyrtårn som led"),
    pytest.param("Majakka auringonlaskussa, akvarelli, lämpimät värit", id="Finnish: Majakka auringonla"),
    pytest.param("Neuroverkon arkkitehtuurikaavio, isometrinen näkymä", id="Finnish: Neuroverkon arkkit"),
    pytest.param("Latarnia morska o zachodzie słońca, akwarela, ciepłe barwy", id="Polish: Latarnia morska o"),
    pytest.param("Trzy zazębiające się koła zębate", id="Polish: Trzy zazębiające s"),
    pytest.param("Maják při západu slunce, akvarel, teplé barvy", id="Czech: Maják při západu s"),
    pytest.param("Schéma architektury neuronové sítě, izometrický pohled", id="Czech: Schéma architektur"),
    pytest.param("Maják pri západe slnka, akvarel", id="Slovak: Maják pri západe s"),
    pytest.param("Világítótorony naplementekor, akvarell, meleg színek", id="Hungarian: Világítótorony nap"),
    pytest.param("Neurális hálózat architektúra diagram, izometrikus nézet", id="Hungarian: Neurális hálózat a"),
    pytest.param("Un far la apus, acuarelă, tonuri calde", id="Romanian: Un far la apus, ac"),
    pytest.param("Diagrama arhitecturii rețelei neuronale, vedere izometrică", id="Romanian: Diagrama arhitectu"),
    pytest.param("Gün batımında deniz feneri, suluboya, sıcak tonlar", id="Turkish: Gün batımında deni"),
    pytest.param("Ngọn hải đăng lúc hoàng hôn, màu nước", id="Vietnamese: Ngọn hải đăng lúc"),
    pytest.param("Sơ đồ kiến trúc mạng nơ-ron, góc nhìn isometric 3D", id="Vietnamese: Sơ đồ kiến trúc mạ"),
    pytest.param("Mercusuar saat matahari terbenam, cat air, warna hangat", id="Indonesian: Mercusuar saat mat"),
    pytest.param("Svjetionik u zalasku sunca, akvarel", id="Croatian: Svjetionik u zalas"),
    pytest.param("Dijagram arhitekture neuronske mreže", id="Croatian: Dijagram arhitektu"),
    pytest.param("Svetilnik ob sončnem zahodu", id="Slovene: Svetilnik ob sončn"),
    pytest.param("Švyturys saulėlydžio metu, akvarelė", id="Lithuanian: Švyturys saulėlydž"),
    pytest.param("Bāka saulrietā, akvarelis", id="Latvian: Bāka saulrietā, ak"),
    pytest.param("Tuletorn päikeseloojangul, akvarell", id="Estonian: Tuletorn päikeselo"),
    pytest.param("Një far në perëndim të diellit", id="Albanian: Një far në perëndi"),
    pytest.param("Un far al capvespre, aquarel·la, tons càlids", id="Catalan: Un far al capvespr"),
    pytest.param("Neyron şəbəkə arxitekturası diaqramı", id="Azerbaijani: Neyron şəbəkə arxi"),
    pytest.param("Mnara wa taa wakati wa machweo", id="Swahili: Mnara wa taa wakat"),
    pytest.param("Rumah api pada waktu matahari terbenam", id="Malay: Rumah api pada wak"),
    pytest.param("Isang parola sa paglubog ng araw", id="Tagalog: Isang parola sa pa"),
    pytest.param("'n Vuurtoring by sonsondergang, waterverf", id="Afrikaans: 'n Vuurtoring by s"),
    pytest.param("Lumturo ĉe sunsubiro, akvarelo", id="Esperanto: Lumturo ĉe sunsubi"),
    pytest.param("Teach solais ag luí na gréine", id="Irish: Teach solais ag lu"),
    pytest.param("Goleudy ar fachlud haul", id="Welsh: Goleudy ar fachlud"),
    pytest.param("Itsasargia ilunabarrean, akuarela", id="Basque: Itsasargia ilunaba"),
    pytest.param("Viti við sólarlag, vatnslitamynd", id="Icelandic: Viti við sólarlag,"),
    pytest.param("ARCHITEKTURDIAGRAMM EINES NEURONALEN NETZES, ISOMETRISCHE ANSICHT", id="German: ARCHITEKTURDIAGRAM"),
    pytest.param("SCHÉMA D'ARCHITECTURE DE RÉSEAU NEURONAL, VUE ISOMÉTRIQUE", id="French: SCHÉMA D'ARCHITECT"),
    pytest.param("Arkhitektura neyronnoy seti, izometricheskiy vid", id="Russian in Latin letters: Arkhitektura neyro"),
    pytest.param("Mayak na zakate, akvarel, teplye tona", id="Russian in Latin letters: Mayak na zakate, a"),
    pytest.param(
        "Arkhitektura neironnoi merezhi, izometrychnyi vyhliad", id="Ukrainian in Latin letters: Arkhitektura neiro"
    ),
    pytest.param("Zahnräder, Pastellfarben, Vektorgrafik", id="German: Zahnräder, Pastell"),
    pytest.param("Equipo de trabajo en la oficina", id="Spanish: Equipo de trabajo"),
    pytest.param("Equipe reunida em volta da mesa", id="Portuguese: Equipe reunida em"),
    pytest.param("Squadra di lavoro in ufficio", id="Italian: Squadra di lavoro"),
    pytest.param("Réunion d'équipe", id="French: Réunion d'équipe"),
    pytest.param("Teamsitzung am runden Tisch", id="German: Teamsitzung am run"),
]


@pytest.mark.parametrize("text", ENGLISH)
def test_english_prompts_pass(text):
    assert is_english(text)
    assert is_english(anyascii(text))
    assert is_english(text.upper())


@pytest.mark.parametrize("text", OTHER_LANGUAGES)
def test_other_languages_do_not_pass(text):
    assert not is_english(text)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("A calm sea. Ein Leuchtturm im dichten Nebel am Meer.", id="a sentence"),
        pytest.param("A calm lighthouse at dusk, con una paleta suave y luces doradas, isometric", id="a clause"),
        pytest.param("Soft light, a bridge of stone\nUne équipe de scientifiques autour d'une table", id="a line"),
    ],
)
def test_a_long_stretch_of_another_language_makes_an_english_prompt_fail(text):
    assert not is_english(text)


@pytest.mark.parametrize("text", ["", "12:30", "маяк", "灯台"])
def test_what_has_no_latin_letter_is_not_english(text):
    assert not is_english(text)


@pytest.mark.parametrize("text", ["robot", "DNA helix", "data lake", "un chat"])
def test_a_word_or_two_get_the_benefit_of_the_doubt(text):
    assert is_english(text)


def test_many_threads_may_ask_at_once():
    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(is_english, [ENGLISH[0]] * 64))


def test_where_the_model_cannot_be_unpacked_one_line_says_so(tmp_path):
    """In a process of its own: here the model is loaded once for all."""
    code = (
        "import sys; sys.dont_write_bytecode = True  # it would be cut off, and stay\n"
        "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))\n"
        "from pipeline.prompting.english import load_language_model, warm_language_model\n"
        "from pipeline.errors import FileAccessError\n"
        "warm_language_model()\n"
        "try: load_language_model()\n"
        "except FileAccessError as error: print(error)\n"
    )
    told = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True, timeout=60)
    assert "the language model cannot be unpacked there" in told.stdout
    assert told.stderr == ""
