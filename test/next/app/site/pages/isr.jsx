export default function Isr({ value }) {
  return <p>isr {value}</p>
}

/** Of the Pages Router. */
export async function getStaticProps() {
  const response = await fetch(`${process.env.SOURCE_URL}/isr`)
  return { props: { value: await response.text() }, revalidate: 900 }
}
